#!/bin/sh
# Builds the image, replaces the container, tries it, keeps its data.
set -eu
cd "$(dirname "$0")"
APP=notes PORT=${PORT:-8080}

log() { printf '==> %s\n' "$*"; }
cleanup() { docker rm -f "$APP" "$APP-db" >/dev/null 2>&1 || true; }
trap cleanup EXIT

if ! command -v docker >/dev/null 2>&1; then echo "docker is missing" >&2; exit 1; fi
docker version --format '{{.Server.Version}}' >/dev/null
docker info >/dev/null 2>&1

mkdir -p site
echo "<h1>notes</h1>" > site/index.html
cat > Dockerfile <<EOF
FROM busybox
ARG REV=none
LABEL rev=\$REV
COPY site /www
EXPOSE 80
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
EOF

IMAGE=$(docker build -q --build-arg REV=42 -t "$APP:1" .)
log "built ${IMAGE%%:*}"
docker image inspect "$APP:1" >/dev/null 2>&1 || exit 1
test "$(docker inspect -f '{{index .Config.Labels "rev"}}' "$APP:1")" = 42

docker network inspect bridge >/dev/null
docker volume create "$APP-data" >/dev/null
docker rm -f "$APP" 2>/dev/null || true
CID=$(docker run -d --name "$APP" -p "127.0.0.1:$PORT:80" -e MODE=prod \
	-v "$APP-data:/data" --label app=$APP --restart=no "$APP:1")
test "$(docker ps -q --no-trunc --filter "name=^/$APP\$")" = "$CID"
test "$(docker ps --filter "label=app=$APP" --format '{{.Names}}|{{.Image}}')" = "$APP|$APP:1"

until [ "$(docker inspect -f '{{.State.Running}}' "$APP")" = true ]; do sleep 0.1; done
docker port "$APP" 80 | grep -q ":$PORT\$"
docker exec "$APP" sh -c 'echo "$MODE" > /data/mode'
test "$(docker exec "$APP" cat /data/mode)" = prod
echo "line from outside" | docker exec -i "$APP" sh -c 'cat > /tmp/in'
docker cp "$APP:/tmp/in" ./out
grep -q outside out
echo new > new.html
docker cp new.html "$APP":/www/new.html
docker cp "$APP":/www - | tar tf - | grep -q 'www/new.html'

docker run --rm -i busybox wc -c < new.html | grep -qw 4
docker run --rm -v "$(pwd)/site":/in:ro -w /in busybox ls | grep -qx index.html
if docker run --rm busybox false; then echo "should fail" >&2; exit 1; else log "status $?"; fi
docker run --name "$APP-db" busybox sh -c 'echo to out; echo to err >&2'
docker logs "$APP-db" 2>/dev/null | grep -qx 'to out'
docker logs --tail 1 "$APP-db" 2>&1 | grep -q .
docker diff "$APP" | grep -q '^A /www/new.html'
docker commit -m "with new page" "$APP" "$APP:2" | grep -q '^sha256:'
docker images --format '{{.Repository}}:{{.Tag}}' "$APP" | sort | tr '\n' ' '
echo
docker history -q "$APP:2" | head -1 >/dev/null
docker tag "$APP:2" "$APP:latest"
docker save "$APP:2" | gzip > app.tar.gz
docker rmi "$APP:2" "$APP:latest" >/dev/null
gunzip -c app.tar.gz | docker load -q | grep -q "$APP:2"
docker export "$APP" | tar tf - | grep -q '^www/index.html'
docker stop -t 1 "$APP" >/dev/null
test "$(docker wait "$APP")" = "$(docker inspect --format='{{.State.ExitCode}}' "$APP")"
docker start "$APP" >/dev/null
docker rename "$APP" "$APP-old"
docker restart -t 0 "$APP-old" >/dev/null
docker kill "$APP-old" >/dev/null
docker rm $(docker ps -aq) >/dev/null
test -z "$(docker ps -aq)"
docker rmi -f $(docker images -q "$APP") >/dev/null
docker volume rm "$APP-data" >/dev/null
docker system prune -f >/dev/null
log "done"
