from medpix2.pipeline.checking import check
from medpix2.pipeline.exporting import export


def test_check_tells_what_there_is_and_what_is_wrong(phantom_store, tmp_path):
    done = export(phantom_store.settings, "medpix2", tmp_path / "out")
    found = check(done.folder, jobs=2)
    assert (found.problems, found.files) == ([], done.files)
    assert (found.cases, found.images) == (done.counts["cases"], done.counts["images"])
    (done.folder / "README.md").unlink()
    assert check(done.folder).problems == ["README.md: is not there"]
