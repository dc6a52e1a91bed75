"""Croissant: what an exported data set is, in the JSON-LD of MLCommons, with its responsible-AI fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from wsal.audit.canonical import Json

__all__ = ["DatasetColumn", "DatasetDescription", "to_croissant"]

# The standard context, written out: whoever reads the file need not fetch anything.
_CONTEXT: Final[Mapping[str, Json]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_ENCODING: Final[Mapping[str, str]] = {
    "parquet": "application/x-parquet",
    "csv": "text/csv",
    "jsonl": "application/jsonlines",
}


@dataclass(frozen=True)
class DatasetColumn:
    """A column of the file: its name, what it holds, and its type (``sc:Text``, ``sc:Integer``, ``sc:Float``)."""

    name: str
    description: str
    data_type: str = "sc:Text"


@dataclass(frozen=True)
class DatasetDescription:
    """An exported file and how its labels came about.

    Parameters
    ----------
    name, description : str
    file_name, format, sha256 : str
        The file beside which the description stands; ``parquet``, ``csv`` or ``jsonl``.
    n_bytes : int
    created : str
        ISO 8601.
    version : str
        ``MAJOR.MINOR.PATCH``.
    columns : tuple of DatasetColumn
    collection : str
        Where the items came from.
    annotation_protocol, annotation_platform, machine_tools : tuple of str
        How items were labelled, by what, and by which machines.
    annotations_per_item : str
    annotators : tuple of str
        What is known of the people; no names.
    limitations, biases, use_cases, personal_information : tuple of str
    maintenance : str
    """

    name: str
    description: str
    file_name: str
    format: str
    sha256: str
    n_bytes: int
    created: str
    version: str
    columns: tuple[DatasetColumn, ...]
    collection: str
    annotation_protocol: tuple[str, ...]
    annotation_platform: tuple[str, ...]
    machine_tools: tuple[str, ...]
    annotations_per_item: str
    annotators: tuple[str, ...]
    limitations: tuple[str, ...]
    biases: tuple[str, ...]
    use_cases: tuple[str, ...]
    personal_information: tuple[str, ...]
    maintenance: str


def to_croissant(dataset: DatasetDescription) -> dict[str, Json]:
    """Write a description as Croissant 1.0 with the vocabulary RAI 1.0.

    Parameters
    ----------
    dataset : DatasetDescription

    Returns
    -------
    dict
        JSON-LD; its context stands in it. There is no licence: wsal does not know under which one the items are.

    Notes
    -----
    Source: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html and croissant-rai-spec.html.
    """
    return {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": dataset.name,
        "description": dataset.description,
        "version": dataset.version,
        "dateCreated": dataset.created,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "labels-file",
                "name": dataset.file_name,
                "contentUrl": dataset.file_name,
                "contentSize": f"{dataset.n_bytes} B",
                "encodingFormat": _ENCODING[dataset.format],
                "sha256": dataset.sha256,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "labels",
                "name": "labels",
                "description": "One record an item.",
                "field": [_field(column) for column in dataset.columns],
            }
        ],
        **_responsible_ai(dataset),
    }


def _field(column: DatasetColumn) -> Json:
    return {
        "@type": "cr:Field",
        "@id": f"labels/{quote(column.name, safe='')}",  # the name of a class may be any text, an id is part of a URL
        "name": column.name,
        "description": column.description,
        "dataType": column.data_type,
        "source": {"fileObject": {"@id": "labels-file"}, "extract": {"column": column.name}},
    }


def _responsible_ai(dataset: DatasetDescription) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "dataCollection": dataset.collection,
        "dataCollectionType": ["Others"],
        "dataAnnotationProtocol": list(dataset.annotation_protocol),
        "dataAnnotationPlatform": list(dataset.annotation_platform),
        "machineAnnotationTools": list(dataset.machine_tools),
        "annotationsPerItem": dataset.annotations_per_item,
        "annotatorDemographics": list(dataset.annotators),
        "dataLimitations": list(dataset.limitations),
        "dataBiases": list(dataset.biases),
        "dataUseCases": list(dataset.use_cases),
        "personalSensitiveInformation": list(dataset.personal_information),
        "dataReleaseMaintenancePlan": dataset.maintenance,
    }
    return {f"rai:{name}": value for name, value in fields.items() if value}
