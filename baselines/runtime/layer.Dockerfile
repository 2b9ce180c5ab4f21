# One more layer of Python packages on BASE: wheels stay in the build stage, and --root keeps what BASE has out of the layer.
ARG BASE
FROM ${BASE} AS build
# the classic builder leaves this stage behind as an untagged image; engine.py finds it by this label
LABEL assay.stage=build
COPY wheels /wheels
RUN python3 "$(echo /wheels/pip-*.whl)/pip" --isolated install --no-index --find-links=/wheels --no-cache-dir --break-system-packages \
        --root-user-action=ignore --no-warn-script-location --root=/layer -r /wheels/requirements.txt \
    && find /layer -depth -type d \( -name tests -o -path '*/torch/include' -o -path '*/torch/share' \) -exec rm -r {} + \
    && find /layer -name '*.a' -delete

FROM ${BASE}
COPY --from=build /layer/usr/local /usr/local
