import sys

import pandas
import pytest
import torch

from medpix2.errors import MissingPackage, QueryError
from medpix2.pipeline.collection import Selection
from medpix2.pipeline.content import StoreContent


@pytest.fixture
def data(phantom_store):
    """Return all of the phantom."""
    return Selection(StoreContent(phantom_store), "the phantom")


def test_a_table_has_a_row_a_picture_or_a_case(data):
    images, cases = data.to_arrow(), data.to_arrow("cases")
    assert images.column("image_id").to_pylist() == [image.id for image in data.images()]
    assert cases.column("case_id").to_pylist() == [case.id for case in data.cases()]
    row, image = images.slice(5, 1).to_pylist()[0], list(data.images())[5]
    assert {name: row[name] for name in image.row} == dict(image.row)
    assert row["path"] == str(image.path)
    assert cases.to_pylist()[0]["paths"] == [str(i.path) for i in next(data.cases()).images]


def test_pandas_counts(data):
    frame = data.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    counted = frame.groupby("modality").size().to_dict()
    assert sum(counted.values()) == len(frame) and set(counted) == {"CT", "MR"}
    assert frame["age"].dtype == "float64"


def test_a_data_set_opens_its_pictures_and_knows_its_classes(data):
    rows, image = data.to_dataset(), next(data.images())
    assert rows[0]["image"].size == image.pil().size and rows[0]["image_id"] == image.id
    label = rows.features["modality"]
    assert label.names == ["CT", "MR"] and label.int2str(rows[0]["modality"]) == image["modality"]
    cases = data.to_dataset("cases")
    assert len(cases[0]["images"]) == len(next(data.cases()).images)


def test_torch_takes_batches_with_workers(data):
    pictures = data.to_torch(["modality", "sequence"], transform=lambda image: image.size[0])
    loader = torch.utils.data.DataLoader(pictures, batch_size=16, num_workers=2)
    batches = list(loader)
    ids = [name for batch in batches for name in batch["image_id"]]
    assert ids == [image.id for image in data.images()]
    classes = torch.cat([batch["sequence"] for batch in batches]).tolist()
    names = pictures.classes["sequence"]
    assert [None if n < 0 else names[n] for n in classes] == [i["sequence"] for i in data.images()]
    assert -1 in classes


def test_a_picture_is_a_tensor_of_three_channels_by_default(data):
    item, image = data.to_torch()[0], next(data.images())
    width, height = image.pil().size
    assert item["image"].shape == (3, height, width) and item["image"].dtype == torch.uint8
    assert set(item) == {"image", "image_id", "case_id", "modality", "location_category"}


def test_a_table_or_label_that_is_not_there_is_named(data):
    with pytest.raises(QueryError, match="There is no table 'image': use images or cases"):
        data.to_arrow("image")
    with pytest.raises(QueryError, match="'caption' is no label: use some of"):
        data.to_torch(["caption"])


def test_a_package_that_is_missing_is_named_with_its_extra(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPackage, match=r"pyarrow.*pip install 'medpix2\[export\]'"):
        data.to_pandas()
