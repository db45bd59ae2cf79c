import io

from PIL import Image

from medpix2.phantom.collection import make_case
from medpix2.phantom.picture import Job, make_picture
from medpix2.phantom.spoil import BREAK, COPIES, SPOIL


def test_the_same_job_gives_the_same_bytes():
    scene = make_case(1, 0).scenes[0]
    assert make_picture(Job(scene.image, scene)) == make_picture(Job(scene.image, scene))


def test_every_defect_of_pictures_can_be_made():
    scene = make_case(1, 1).scenes[0]
    sound = make_picture(Job(scene.image, scene))
    for defect in [*SPOIL, *COPIES, *BREAK, "montage", "scan_lettering"]:
        data = make_picture(Job("other", scene, defect, ("SAMPLE, PAT", "DOB 01/02/1950")))
        assert (data == sound) == (defect == "exact_duplicate"), defect
        if defect not in BREAK:
            Image.open(io.BytesIO(data)).load()


def test_photographs_and_drawings_have_colour():
    scene = make_case(1, 1).scenes[0]
    for defect in ("photograph", "drawing"):
        image = Image.open(io.BytesIO(make_picture(Job("other", scene, defect))))
        red, _, blue = image.split()
        assert red.tobytes() != blue.tobytes()
