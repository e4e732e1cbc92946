#!/usr/bin/env bash
# Installs the servers that the tests run against, once; what is there already is left alone.
#
#   tests/servers/install/install.sh [kafka] [ceph] [postgres] [identity] [chromium] [go]      (default: all six)
#
# Debian and its relatives, as root or with passwordless sudo, get everything. Elsewhere it says which tiers stay
# missing and still ends with 0: the tests then skip them by name (or fail, with REQUIRE_TIERS=all).
# tansu and moto come with the development dependencies of pyproject.toml, not from here.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
servers=${CALLWARDEN_SERVERS_DIR:-$root/.servers}
python=${PYTHON:-$root/.venv/bin/python}
command -v "$python" >/dev/null || python=python3
wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=(kafka ceph postgres identity chromium go)

say() { printf 'install: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
wants() { local name; for name in "${wanted[@]}"; do [ "$name" = "$1" ] && return 0; done; return 1; }

for name in "${wanted[@]}"; do
  case $name in kafka | ceph | postgres | identity | chromium | go) ;;
    *) say "unknown tier '$name'; known: kafka ceph postgres identity chromium go"; exit 2 ;;
  esac
done

# --- packages of the distribution ------------------------------------------------------------------------------------
packages=()
if wants kafka; then
  have java || packages+=(default-jre-headless)
  [ -n "$(find "$servers/kafka/lib" -name 'kafka_2.13-*.jar' 2>/dev/null)" ] || have mvn || packages+=(maven)
fi
if wants ceph; then
  have ceph-mon || packages+=(ceph-mon)
  have ceph-osd || packages+=(ceph-osd)
  have radosgw || packages+=(radosgw)
  have ceph || packages+=(ceph-common)
fi
if wants postgres; then
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || have initdb || packages+=(postgresql)
fi
if wants identity; then
  have node || packages+=(nodejs)
  have npm || packages+=(npm)
fi
if wants chromium; then
  have chromium || have chromium-browser || have google-chrome || packages+=(chromium)
fi
if wants go; then  # the independent verifier of the access log
  have go || packages+=(golang-go)
  [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] || packages+=(golang-golang-x-mod-dev)
fi

if [ ${#packages[@]} -eq 0 ]; then
  say "every package needed for ${wanted[*]} is installed"
elif ! have apt-get; then
  say "this machine has no apt-get; not installed: ${packages[*]}"
else
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  if [ ${#as_root[@]} -gt 0 ] && ! sudo -n true 2>/dev/null; then
    say "neither root nor passwordless sudo; not installed: ${packages[*]}"
  else
    apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"; }
    say "apt-get update"
    apt update >/dev/null
    for package in "${packages[@]}"; do # one by one: a distribution without Ceph still gets the others
      say "apt-get install $package"
      apt install --no-install-recommends "$package" >"${TMPDIR:-/tmp}/callwarden-apt.log" 2>&1 ||
        { say "could not install $package:"; tail -n 5 "${TMPDIR:-/tmp}/callwarden-apt.log"; }
    done
  fi
fi

# --- Apache Kafka's jars ---------------------------------------------------------------------------------------------
if wants kafka; then
  version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/kafka/pom.xml")
  if [ -e "$servers/kafka/lib/kafka_2.13-$version.jar" ]; then
    say "Apache Kafka $version is in $servers/kafka/lib"
  elif ! have mvn; then
    say "no mvn: Apache Kafka $version not fetched"
  else
    say "mvn: Apache Kafka $version into $servers/kafka/lib"
    rm -rf "$servers/kafka/lib" "$servers/kafka/lib.part"
    mkdir -p "$servers/kafka"
    if mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
      -DoutputDirectory="$servers/kafka/lib.part"; then
      mv "$servers/kafka/lib.part" "$servers/kafka/lib" # whole or not at all
    else
      say "Maven could not fetch Apache Kafka"
    fi
  fi
  if have java && [ -d "$servers/kafka/lib" ] && ! compgen -G "$servers/kafka/classes-$version.jsa" >/dev/null; then
    say "archiving Kafka's classes, so that it starts in half the time"
    (cd "$root" && CALLWARDEN_SERVERS_DIR="$servers" "$python" -m tests.servers prepare) ||
      say "no class archive; Kafka starts more slowly"
  fi
fi

# --- the identity provider's modules ---------------------------------------------------------------------------------
if wants identity; then
  if cmp -s "$here/identity/package-lock.json" "$servers/identity/package-lock.json" &&
    [ -d "$servers/identity/node_modules/oidc-provider" ]; then
    say "oidc-provider is in $servers/identity"
  elif ! have npm; then
    say "no npm: oidc-provider not fetched"
  else
    say "npm: oidc-provider into $servers/identity"
    rm -rf "$servers/identity" "$servers/identity.part"
    mkdir -p "$servers/identity.part"
    cp "$here/identity/package.json" "$here/identity/package-lock.json" "$servers/identity.part"
    if npm ci --prefix "$servers/identity.part" --ignore-scripts --no-audit --no-fund --loglevel=error; then
      mv "$servers/identity.part" "$servers/identity" # whole or not at all
    else
      say "npm could not fetch oidc-provider"
    fi
  fi
fi

say "what the tests will find:"
(cd "$root" && CALLWARDEN_SERVERS_DIR="$servers" "$python" -m tests.servers list) || true
