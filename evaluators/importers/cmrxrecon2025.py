"""CMRxRecon 2025: nine modalities of many centres and scanners; regular tasks R1 (centres), R2 (diseases), special S1, S2.

Found in the challenge's repository as copied at its time (ChallengeDataFormat/Format_TaskR1.txt, Submission/Format_TaskR2.txt and
Readme.md, the mask generators), in evaluation-2025/Val_Score2025.py, test-2025/Test_Score2025.py and on the challenge's data
page: <task>/MultiCoil/<modality>/<set>/{UnderSample,Mask,FullSample}_<task>/<centre>/<scanner>/<patient>/ with
<scan>_kus_<pattern><factor>.mat and <scan>_info.csv beside it; variables kus and mask; full samples kspace_full, or kspace as the
data page has it; axes (nx, ny, nc, nz, nt), BlackBlood, T1w and T2w without nt; masks (nx, ny, nt), (nx, ny) without frames,
20 central lines (the format text's 16 is the year before's); factors 8, 16, 24; a scanner's folder names vendor and field,
such as UIH_30T_umr780. A sheet of the organisers says which disease a patient has. Inferred: that full k-space lies in
FullSample_<task> (the scorer reads reference images of that folder's name), the names of scans beyond those in the texts (taken
as any that begin with the modality's word), that axes of length 1 at the end are missing. The sheet, an .xlsx there, is read
as <task>.csv beside the task's folder.
"""

from __future__ import annotations

from types import MappingProxyType

from evaluators.importers.layout import Family, Layout, Pattern

_FAMILIES = (
    Family(folder="BlackBlood", scan=r"blackblood\w*?", names="blackblood.mat", still=True),
    Family(folder="Cine", scan=r"cine_\w+?", names="cine_sax.mat, cine_lax.mat, cine_lax_2ch.mat ..."),
    Family(folder="Flow2d", scan=r"flow2d\w*?", names="flow2d.mat"),
    Family(folder="LGE", scan=r"lge\w*?", names="lge_sax.mat, lge_lax.mat ..."),
    Family(folder="Mapping", scan=r"[Tt][12]s?map\w*?", names="T1map.mat, T2map.mat ..."),
    Family(folder="Perfusion", scan=r"perfusion\w*?", names="perfusion.mat"),
    Family(folder="T1rho", scan=r"T1rho\w*?", names="T1rho.mat"),
    Family(folder="T1w", scan=r"T1w\w*?", names="T1w.mat", still=True),
    Family(folder="T2w", scan=r"T2w\w*?", names="T2w.mat", still=True),
)


def tesla(digits: str) -> str:
    """`30` as 3.0T, `15` as 1.5T, `055` as 0.55T: the decimal point stands behind the first digit."""
    return f"{digits[0]}.{digits[1:]}T"


def _layout(*, task: str, title: str, diseases: bool) -> Layout:
    where = f"{task}/{{center}}/{{scanner}}/{{subject}}"
    return Layout(
        key=f"cmrxrecon-2025-{task.removeprefix('Task').lower()}",
        title=title,
        families=_FAMILIES,
        home=f"{task}/MultiCoil/{{family}}/{{set}}",
        full=f"FullSample_{where}/{{scan}}.mat",
        kspace=f"UnderSample_{where}/{{scan}}_kus_{{pattern}}{{af}}.mat",
        mask=f"Mask_{where}/{{scan}}_mask_{{pattern}}{{af}}.mat",
        info=f"UnderSample_{where}/{{scan}}_info.csv",
        drops_ones=True,
        full_variables=("kspace_full", "kspace"),
        kspace_variable="kus",
        mask_variable="mask",
        factors=(8, 16, 24),
        patterns=MappingProxyType(
            {
                "Uniform": Pattern(per_frame=True, fixed=True),
                "ktUniform": Pattern(per_frame=True),
                "ktGaussian": Pattern(per_frame=True),
                "ktRadial": Pattern(lines=False, per_frame=True),
            }
        ),
        acs=20,
        fields=MappingProxyType(
            {"center": r"Center\d{3}", "scanner": r"(?P<vendor>[A-Za-z]+)_(?P<field>\d{2,3})T_[\w.-]+"}
        ),
        strata=MappingProxyType(
            {
                "modality": "family",
                "center": "center",
                "vendor": "vendor",
                "field": "field",
                "pattern": "pattern",
                "af": "af",
            }
        ),
        worded=MappingProxyType({"field": tesla}),
        unit="{center}/{scanner}/{subject}",
        group="{center}/{scanner}/{subject}/{pattern}{af}",
        diseases=f"{task}.csv" if diseases else None,
    )


LAYOUTS = (
    _layout(task="TaskR1", title="CMRxRecon 2025, R1: centres and vendors", diseases=False),
    _layout(task="TaskR2", title="CMRxRecon 2025, R2: diseases", diseases=True),
    _layout(task="TaskS1", title="CMRxRecon 2025, S1: 5 T", diseases=True),
    _layout(task="TaskS2", title="CMRxRecon 2025, S2: children", diseases=True),
)
