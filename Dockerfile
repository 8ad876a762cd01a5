# Two images; docker-compose.yml starts both.
#   docker build --target site --tag 4xl-site .        the page, by nginx, in front of the server named by SERVER_URL
#   docker build --target server --tag 4xl-server .    the API; --build-arg EXTRAS=server,torch for a graphics card
# Both run as nobody in particular, listen on 7860 and write below /tmp only.

FROM node:22-trixie-slim AS built
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /4xl
COPY LICENSE README.md constraints.txt pyproject.toml ./
COPY pyapp pyapp
COPY scripts/install scripts/
RUN scripts/install
COPY .npmrc package.json package-lock.json ./
COPY models models
COPY scripts scripts
COPY site site
RUN scripts/build_site --output /site && .venv/bin/python -m scripts.deploying.web_server /site /nginx

FROM nginx:1.28-alpine AS site
COPY --from=built /nginx /etc/4xl
COPY --from=built /site /srv/site
USER 1000:1000
EXPOSE 7860
HEALTHCHECK CMD wget -q -O /dev/null http://127.0.0.1:7860/config.json
ENTRYPOINT ["sh", "/etc/4xl/start"]

FROM python:3.12-slim AS server
ARG EXTRAS=server,openvino
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /4xl
COPY constraints.txt pyproject.toml ./
# Only what ours stands on; our own comes below, so that a change of it installs nothing again.
RUN mkdir pyapp && touch README.md \
  && PIP_CONSTRAINT=constraints.txt pip install --no-cache-dir --root-user-action=ignore ".[$EXTRAS]"
COPY LICENSE ./
COPY pyapp/fourxl fourxl
COPY pyapp/fourxl_native fourxl_native
COPY models models
COPY backend backend
USER 1000:1000
EXPOSE 7860
HEALTHCHECK --start-period=60s CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:7860/gradio_api/health', timeout=5)"]
CMD ["python", "-m", "backend.app", "--host", "0.0.0.0"]
