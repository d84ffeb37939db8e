#!/bin/sh
# Makes the certificates of the tests anew, with openssl 3: sh test/certificates/make.sh. They hold for a hundred years.
set -eu
cd "$(dirname "$0")"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -keyout ca.key -out ca.pem \
  -subj '/CN=framewright test authority' -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign'

# issue NAME COMMON-NAME DAYS [SUBJECT-ALT-NAMES]
issue() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2"
  printf 'basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n' >"$1.ext"
  if [ -n "${4-}" ]; then printf 'subjectAltName=%s\n' "$4" >>"$1.ext"; fi
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 8)" -days "$3" \
    -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}

issue localhost localhost 36500 'DNS:localhost,IP:127.0.0.1,IP:::1'
issue expired localhost -1 'DNS:localhost,IP:127.0.0.1,IP:::1'
issue other other.example 36500 'DNS:other.example'
issue common-name localhost 36500
rm ca.key

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -keyout self-signed.key \
  -out self-signed.pem -subj '/CN=localhost' -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'

# What OpenSSL itself no longer takes.
openssl req -x509 -newkey rsa:512 -nodes -days 36500 -keyout weak.key -out weak.pem -subj '/CN=localhost'
