"""The format `croissant`: the Parquet of `hf`, described by a `metadata.json` for `mlcroissant`.

The folder loads with `datasets` as well: what is added is Croissant 1.0 with the fields of its
vocabulary for responsible AI (RAI 1.0).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from medpix2.export import hf
from medpix2.export.format import Card, Part, Parts, Wishes
from medpix2.export.joined import ALWAYS
from medpix2.export.rows import Field, chosen

if TYPE_CHECKING:
    from medpix2.export.output import Output

METADATA = "metadata.json"
PARQUET = "application/x-parquet"
VERSION = "1.0.0"  # of what this module writes
HOME = "https://medpix.nlm.nih.gov"
LICENCE = "https://creativecommons.org/licenses/by-nc-nd/4.0/"

USE = """
```python
import mlcroissant as mlc

data = mlc.Dataset("FOLDER/metadata.json")
for record in data.records("images"):  # or "cases"
    print(record["images/image_id"], record["images/image"].size)
```

It is valid by `mlcroissant validate --jsonld FOLDER/metadata.json`. The Parquet files are those of
the format `hf`: `datasets` loads the folder too.
"""

_TYPES = {"text": "sc:Text", "texts": "sc:Text", "float": "sc:Float", "int": "sc:Integer"}
# The names of the Croissant vocabulary, as its specification's context has them.
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        name: f"cr:{name}"
        for name in (
            "citeAs column equivalentProperty extract field fileObject fileProperty fileSet format "
            "includes isLiveDataset jsonPath key md5 parentField path recordSet references regex "
            "repeated replace samplingRate separator source subField transform"
        ).split()
    },
}
RESPONSIBLE_AI: Mapping[str, Any] = {
    "rai:dataCollection": "Teaching cases that physicians wrote and illustrated for MedPix, taken "
    "from its web sites or from the published MedPix 2.0 release.",
    "rai:dataCollectionType": ["Web Scraping", "Manual Human Curation"],
    "rai:dataCollectionMissingData": "What a source does not say is null: never guessed.",
    "rai:dataPreprocessingProtocol": [
        "Texts are unescaped; labels are brought into one form; an absent value, 'N/A' and "
        "'Not available' become null.",
        "Names and dates that are burned into pictures are masked, cropped or kept: the card "
        "(README.md) says which.",
    ],
    "rai:dataManipulationProtocol": "Corrections of people are decisions beside the source, which "
    "is never changed.",
    "rai:dataAnnotationProtocol": "Modality, plane and caption are their authors', a picture each; "
    "location, age and sex are one a case and may be wrong for some of its pictures.",
    "rai:dataBiases": [
        "Teaching cases: rare and striking diseases are far more frequent than in practice.",
        "Most cases come from hospitals of the United States, many of them military: patients are "
        "younger and more often male than the population.",
        "Pictures were chosen and cropped by authors to show the finding.",
    ],
    "rai:dataLimitations": [
        "Not for diagnosis.",
        "Single pictures for the screen: no series, no Hounsfield units, no spacing.",
        "Splits keep a case whole; they may not keep all patients or topics apart.",
    ],
    "rai:dataUseCases": [
        "Training and comparing of models that relate pictures and texts, for research.",
        "Teaching.",
    ],
    "rai:dataSocialImpact": "Models that learn from it may be taken for medical advice: they are "
    "none, and were never tested as such.",
    "rai:personalSensitiveInformation": [
        "Age and sex of patients, and their history in free text, without names.",
        "Names of physicians and institutions may stand in pictures and texts.",
    ],
    "rai:dataReleaseMaintenancePlan": "An export is made anew from its release by one command; "
    "manifest.json has the hash of every file.",
}


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write a part as the format `hf` does."""
    hf.write(part, wishes, output)


def finish(parts: Parts, output: Output) -> Card:
    """Finish as the format `hf` does, and describe the files."""
    card = hf.finish(parts, output)
    files = {name: facts for name, facts in output.files.items() if name.endswith(".parquet")}
    metadata = metadata_of(parts.name, parts.wishes, files)
    output.put(METADATA, json.dumps(metadata, indent=1, ensure_ascii=False) + "\n")
    return replace(card, use=USE)


def metadata_of(name: str, wishes: Wishes, files: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """Return the Croissant description of an export.

    Parameters
    ----------
    name
        Name of the content.
    wishes
        How it was wished.
    files
        Its Parquet files: name to SHA-256 and bytes.
    """
    configs = [config for config in hf.FIELDS if any(f.startswith(f"{config}/") for f in files)]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.0",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": f"MedPix 2.0 data of {name}",
        "description": "Cases of radiology with CT and MR pictures, reports and labels.",
        "url": HOME,
        "license": LICENCE,
        "version": VERSION,
        "keywords": ["radiology", "CT", "MRI", "MedPix", "multimodal"],
        "inLanguage": "en",
        "creator": {"@type": "sc:Organization", "name": "MedPix contributors", "url": HOME},
        "publisher": {"@type": "sc:Organization", "name": "National Library of Medicine"},
        "citeAs": "MedPix 2.0, arXiv 2407.02994; MedPix, National Library of Medicine; and the "
        "contributors of each case",
        **RESPONSIBLE_AI,
        "distribution": [
            *(_file_set(config) for config in configs),
            *(_file_object(file, facts) for file, facts in files.items()),
        ],
        "recordSet": [_record_set(config, wishes) for config in configs],
    }


def _file_set(config: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{config}-files",
        "name": f"{config}-files",
        "description": f"The Parquet files of {config}.",
        "encodingFormat": PARQUET,
        "includes": f"{config}/*.parquet",
    }


def _file_object(name: str, facts: tuple[str, int]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{facts[1]} B",
        "encodingFormat": PARQUET,
        "sha256": facts[0],
    }


def _record_set(config: hf.Config, wishes: Wishes) -> dict[str, Any]:
    key = {"images": "image_id", "cases": "case_id"}[config]
    fields = chosen(hf.FIELDS[config], wishes.fields, ALWAYS)
    what = {"images": "One record a picture.", "cases": "One record a case."}
    return {
        "@type": "cr:RecordSet",
        "@id": config,
        "name": config,
        "description": what[config],
        "key": {"@id": f"{config}/{key}"},
        "field": [
            *(_picture(config, name, many=n == "many") for name, n in hf.PICTURES[config].items()),
            *(_field(config, field) for field in fields),
        ],
    }


def _picture(config: str, name: str, *, many: bool) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{config}/{name}",
        "name": f"{config}/{name}",
        "description": "The pictures of the case." if many else "The picture.",
        "dataType": "sc:ImageObject",
        **({"repeated": True} if many else {}),
        "source": {
            "fileSet": {"@id": f"{config}-files"},
            "extract": {"column": name},
            "transform": {"jsonPath": "bytes"},
        },
    }


def _field(config: str, field: Field) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{config}/{field.name}",
        "name": f"{config}/{field.name}",
        "description": field.description,
        "dataType": _TYPES[field.type],
        **({"repeated": True} if field.type == "texts" else {}),
        "source": {
            "fileSet": {"@id": f"{config}-files"},
            "extract": {"column": field.name},
        },
    }


FORMAT = replace(
    hf.FORMAT,
    name="croissant",
    what="Parquet with embedded pictures and Croissant metadata for mlcroissant.",
    write=write,
    finish=finish,
)
