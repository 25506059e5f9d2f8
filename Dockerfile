# docker build -t pilotlight .
FROM rust:1.95-bookworm AS build
# The image's own toolchain, whatever rust-toolchain.toml would fetch.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
# The tools alone first: they stay cached until their versions change.
COPY .ci .ci
COPY Cargo.lock ./
RUN .ci/setup build
COPY . .
RUN .ci/build

FROM debian:bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --no-create-home pilotlight \
  && install -d -o pilotlight -g pilotlight -m 0700 /data
WORKDIR /app
COPY --from=build /src/target/release/pilotlight /usr/local/bin/pilotlight
COPY --from=build /src/target/site site
COPY Leptos.toml ./
ENV LEPTOS_ENV=PROD \
  LEPTOS_SITE_ROOT=/app/site \
  PILOTLIGHT_SERVER__LISTEN=0.0.0.0:3000 \
  PILOTLIGHT_DATA=/data
USER pilotlight
VOLUME /data
EXPOSE 3000
# bash speaks TCP by itself, so the image needs no HTTP client.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/3000 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["pilotlight"]
CMD ["serve"]
