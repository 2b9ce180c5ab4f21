"""Versioned datasets. A sealed version never changes."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from assay.accounts.models import User


class DatasetState(models.TextChoices):
    """A draft takes files; a sealed version is immutable and usable."""

    DRAFT = "draft"
    SEALED = "sealed"


class Dataset(models.Model):
    """One version, addressed `name@version`."""

    name = models.SlugField(max_length=80)
    version = models.PositiveIntegerField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=DatasetState.choices, default=DatasetState.DRAFT)
    layout = models.CharField(max_length=80, blank=True)
    #: public: anybody may download cases and references (a sample); hidden: workers alone
    is_public = models.BooleanField(default=False)
    #: over the canonical manifest
    sha256 = models.CharField(max_length=64, blank=True)
    #: the key of the references, itself encrypted under the site's secret
    wrapped_key = models.TextField()
    created_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name", "version")
        constraints = (models.UniqueConstraint(fields=("name", "version"), name="dataset_version_once"),)

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class Case(models.Model):
    """One row of scores. `index` is its position in the version and in every packed score."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="cases")
    index = models.PositiveIntegerField()
    label = models.CharField(max_length=64)
    unit = models.CharField(max_length=64)
    group = models.CharField(max_length=200)
    strata = models.JSONField(default=dict)
    shape = models.JSONField(default=list)
    #: voxel index -> mm, four rows of four; null where the layout says nothing of it
    affine = models.JSONField(null=True, blank=True)
    #: the name in the inputs that teams hold; empty where they hold none
    given_as = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("dataset", "index")
        constraints = (
            models.UniqueConstraint(fields=("dataset", "index"), name="case_index_once"),
            models.UniqueConstraint(fields=("dataset", "label"), name="case_label_once"),
        )

    def __str__(self) -> str:
        return f"{self.dataset} {self.label}"


class FileRole(models.TextChoices):
    """Inputs go into the container, references to the scorer alone."""

    INPUT = "input"
    REFERENCE = "reference"


class CaseFile(models.Model):
    """One file of a case; its bytes are the blob of that hash."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    role = models.CharField(max_length=10, choices=FileRole.choices)
    #: order within the role: the first input is mirrored by the output
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("case", "role", "position")
        constraints = (models.UniqueConstraint(fields=("case", "role", "position"), name="case_file_once"),)

    def __str__(self) -> str:
        return self.path


class PictureKind(models.TextChoices):
    """What a picture of a public case shows, in the order in which a page does."""

    INPUT = "input"
    REFERENCE = "reference"
    IMAGE = "image"
    ERROR = "error"


class Picture(models.Model):
    """A picture of a case of a public version: frames of one slice, or slices, in one PNG. Hidden versions have none."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pictures")
    kind = models.CharField(max_length=10, choices=PictureKind.choices)
    #: whose image or error; empty for input and reference
    method = models.CharField(max_length=80, blank=True)
    #: the class that an error of label maps is of; 0: the whole
    label = models.PositiveIntegerField(default=0)
    frames = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    #: the slice, or the first one
    slice_number = models.PositiveIntegerField()
    #: from frame to frame; 0: all of one slice
    slice_step = models.PositiveIntegerField(default=0)
    slices = models.PositiveIntegerField()
    #: what lies left, right, above and below; empty where nobody knows
    sides = models.CharField(max_length=4, blank=True, default="")
    #: `TopologyIn` of an error; null where nobody looked
    topology = models.JSONField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    stored_at = models.DateTimeField()

    class Meta:
        ordering = ("case", "method", "kind", "label")
        constraints = (models.UniqueConstraint(fields=("case", "kind", "method", "label"), name="picture_once"),)

    def __str__(self) -> str:
        return f"{self.case} {self.kind} {self.method} {self.label or ''}".strip()


class Volume(models.Model):
    """A volume of a case of a public version, a gzipped NIfTI of one form. Hidden versions have none."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="volumes")
    kind = models.CharField(max_length=10, choices=PictureKind.choices)
    #: whose image or error; empty for input and reference
    method = models.CharField(max_length=80, blank=True)
    #: voxels of the case from voxel to voxel
    step = models.PositiveIntegerField(default=1)
    #: of the file as stored
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField()
    stored_at = models.DateTimeField()

    class Meta:
        ordering = ("case", "method", "kind")
        constraints = (models.UniqueConstraint(fields=("case", "kind", "method"), name="volume_once"),)

    def __str__(self) -> str:
        return f"{self.case} {self.kind} {self.method}".strip()


class Blob(models.Model):
    """A stored file, named by its hash."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField()
    #: who sent these very bytes: knowing a hash is not having the file, so nobody else may put it into a dataset
    holders: models.ManyToManyField[User, models.Model] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+"
    )

    def __str__(self) -> str:
        return self.sha256
