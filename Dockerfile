# kbray with its pinned packages, Ray, and the profilers of Ray's dashboard. docs/operations.md says how it is used, and what of it was not run.
#   docker build --tag kbray:0.1.0 .
#   docker build --tag kbray:0.1.0 --build-arg TORCH_INDEX=URL .    # the index of CPU builds that PyTorch's own page names: gigabytes less
# To pin the base by its digest: `docker buildx imagetools inspect python:3.11.15-slim-bookworm` tells it; append it as @sha256:… here.
ARG PYTHON_IMAGE=python:3.11.15-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /kbray
# What `make install` reads, and no more: so the layer with the packages stays while the code changes.
COPY Makefile constraints.txt pyproject.toml README.md ./
COPY kbray/__init__.py kbray/
# Another index counts beside the default one; its torch is newer by its local version (+cpu), so it is taken.
ARG TORCH_INDEX=""
# memray is no dependency of kbray's: only Ray's dashboard asks for it.
RUN --mount=type=cache,target=/root/.cache/pip \
    PIP_EXTRA_INDEX_URL="${TORCH_INDEX}" make install \
    && .venv/bin/pip install --quiet --no-deps memray==1.20.0 textual==8.2.8 mdit-py-plugins==0.7.0 linkify-it-py==2.2.0
COPY kbray kbray
COPY jobs jobs
RUN .venv/bin/python -m compileall -q kbray

FROM ${PYTHON_IMAGE}
# What Tesseract can read of what the OCR models can't (KBRAY_OCR_SCRIPTS names them), by Debian's names: some 80 MB.
ARG SCRIPTS="arab cyrl deva grek hang hebr thai"
# tini reaps what a killed worker leaves, memray attaches by gdb, setcap is for the two profilers. No program may change its user.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gdb libcap2-bin tini tesseract-ocr \
    && apt-get install --yes --no-install-recommends $(printf 'tesseract-ocr-script-%s ' ${SCRIPTS}) \
    && rm -rf /var/lib/apt/lists/* \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
    && useradd --uid 1000 --home-dir /data --create-home kbray \
    && install --directory --owner kbray --group kbray /scratch
COPY --from=build /kbray /kbray
# Ray's workers are not children of the profilers: to look into them takes a capability, which the container must have, too (cap_add).
RUN setcap cap_sys_ptrace+ep /kbray/.venv/bin/py-spy \
    && setcap cap_sys_ptrace+ep /usr/bin/gdb
# Whoever starts Ray in here needs a token: without one, `ray start` would let in everybody who reaches its ports.
ENV PATH=/kbray/.venv/bin:$PATH \
    HOME=/data \
    KBRAY_HOME=/data \
    RAY_AUTH_MODE=token \
    RAY_USAGE_STATS_ENABLED=0 \
    RAY_USAGE_STATS_REPORT_URL=http://127.0.0.1:9 \
    PYTHONUNBUFFERED=1
USER 1000:1000
WORKDIR /data
ENTRYPOINT ["tini", "--"]
CMD ["kbray", "--help"]
