import io

from PIL import Image

from medpix2.phantom.sites.pictures import Pictures


def opened(picture):
    return Image.open(io.BytesIO(picture.content))


def test_a_published_picture_comes_byte_for_byte_smaller_and_larger(tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGBA", (512, 700), (9, 9, 9, 128)).save(path)
    pictures = Pictures({"a": path})
    assert pictures.large("a") == (path.read_bytes(), "image/png")
    assert max(opened(pictures.small("a", 100)).size) == 100
    full = pictures.full("a")
    assert full.type == "image/jpeg" and opened(full).format == "JPEG"
    assert opened(full).size == (1024, 1400)


def test_a_missing_or_broken_file_has_no_picture(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    pictures = Pictures({"a": tmp_path / "a.png", "gone": tmp_path / "gone.png"})
    assert pictures.large("a").content == b"no picture"
    assert pictures.full("a") is None and pictures.small("a", 100) is None
    assert pictures.large("gone") is None and pictures.large("b") is None


def test_without_any_files_each_name_has_a_placeholder_of_its_own():
    pictures = Pictures({})
    assert pictures.large("a") == Pictures({}).large("a") != pictures.large("b")
    assert opened(pictures.large("a")).format == "PNG"
    assert opened(pictures.full("a")).format == "JPEG"
