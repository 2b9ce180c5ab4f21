"""Images, arrays and answers that fuzzing starts from: every form that a reader takes and some that it refuses."""

from __future__ import annotations

import numpy as np

from tests.unit.evaluators.readers.files import image
from tests.unit.evaluators.readers.image_files import SHAPE, labels, mha, nifti, npy, npy_of, npz, zipped

_VALUES = (labels(), labels(dtype="f4"), labels(dtype="i2"), labels(dtype="u8"), image(SHAPE, "float64"))


def nifti_files() -> list[bytes]:
    """Both versions and byte orders, scaled, with a qform or no place at all, plain and under gzip."""
    plain = [nifti(values, version=version) for values in _VALUES for version in (1, 2)]
    plain += [
        nifti(labels(), order=">"),
        nifti(labels(), scale=(1.0, 0.0)),
        nifti(labels(), scale=(2.0, -1.0)),
        nifti(labels(), codes=(1, 0), quaternion=(0.0, 1.0, 0.0, 10.0, -20.0, 30.0)),
        nifti(labels(), codes=(0, 0)),
        nifti(labels(), code=32),
        nifti(labels((6, 5))),
        nifti(labels(), offset=1000.0),
    ]
    return plain + [zipped(content) for content in plain] + [zipped(plain[0], pieces=3)]


def mha_files() -> list[bytes]:
    """Plain and compressed, both byte orders, other names for one thing, and a second file."""
    files = [mha(values, compressed=compressed) for values in _VALUES for compressed in (False, True)]
    return [
        *files,
        mha(labels(dtype="i2"), msb=True),
        mha(labels(), Offset=None, Origin="-10 20 30", TransformMatrix=None, Orientation="1 0 0 0 -1 0 0 0 1"),
        mha(labels(), ElementNumberOfChannels="3", Comment="words"),
        mha(labels(), ElementDataFile="other.raw"),
        mha(labels((6, 5)), TransformMatrix="1 0 0 1", Offset="0 0", ElementSpacing="1 1"),
    ]


def npy_files() -> list[bytes]:
    """Both orders, both byte orders, every kind of type, and headers that say anything."""
    values = [*_VALUES, np.asfortranarray(labels()), labels(dtype=">i4"), labels() > 1, labels().astype("c8")]
    said = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6, 5, 4), }\n"
    return [npy(one) for one in values] + [npy_of(said), npy_of(said, version=b"\3\0"), npy(labels((6, 5, 4, 1)))]


def npz_files() -> list[bytes]:
    """Stored and deflated, one array and several, and what zipfile writes of no arrays."""
    files = [npz(seg=values, compressed=compressed) for values in _VALUES for compressed in (False, True)]
    return [*files, npz(other=labels(), seg=labels(dtype="i2")), npz(other=labels()), npz()]


def json_files() -> list[bytes]:
    """Answers with escapes, exponents, other letters, a mark in front, and what JSON does not have."""
    return [
        b'[{"id": "q1", "answer": "yes"}, {"id": "q2", "answer": "caf\\u00e9 \\ud83d\\ude00"}]',
        '\ufeff[{"id": "q1", "answer": "häufig"}]'.encode(),
        b'[{"id": "q1", "answer": 1.5e-3}, {"id": "q1", "answer": -0}]',
        b'{"r1": {"AF": 0.25, "SB": 1}, "r2": {"AF": 1E2, "AF": true}}',
        b'[NaN, Infinity, -Infinity, null, true, [], {}, ""]',
        b"[" * 40 + b"]" * 40,
        b'["\\ud800", "\\u0000", "\\"\\\\\\/\\b\\f\\n\\r\\t"]',
    ]
