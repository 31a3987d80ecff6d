#!/usr/bin/env bash
# Verify a signed log with openssl alone, without a line of this project's code.
#
#   verify.sh LINES.jws CABINET.pem PHARMACY.pem [BODIES.txt]
#
# For each line prints who signed it and the hash that the next line's "prev" must name. Checks the
# one spelling of base64url, the exact header, the signature by the key that the header names, the
# chain and the count; then that each body record is the one its digest names. A body that is not
# there was forgotten: the chain holds without it. Exit 0, or 1 with the first bad line by number.
set -euo pipefail
export LC_ALL=C
[ $# -ge 3 ] || { sed -n '4p' "$0" | cut -c3- >&2; exit 2; }
lines=$1 cabinet=$2 pharmacy=$3 bodies=${4:-}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
number=0

bad() { echo "$(basename "$lines") line $number: $1" >&2; exit 1; }

# base64url, out and in. Lenient decoders read many spellings; only the one we would write is good.
spell() { openssl base64 -A | tr '/+' '_-' | tr -d '='; }
read_into() { # TEXT FILE
  local padded
  padded=$(printf %s "$1" | tr '_-' '/+')
  while [ $((${#padded} % 4)) -ne 0 ]; do padded="$padded="; done
  printf %s "$padded" | openssl base64 -d -A > "$2" 2> "$t/noise" || true
  [ "$(spell < "$2")" = "$1" ] || bad "not the canonical spelling of base64url"
}
sha256() { openssl dgst -sha256 -binary "$1" | spell; }
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([A-Za-z0-9_.-]*\).*/\1/p" "$t/payload"; }

# A key is named by its RFC 7638 thumbprint.
thumbprint() {
  local x
  x=$(openssl pkey -pubin -in "$1" -outform DER | tail -c 32 | spell)
  printf '{"crv":"Ed25519","kty":"OKP","x":"%s"}' "$x" > "$t/jwk"
  sha256 "$t/jwk"
}
kid_cabinet=$(thumbprint "$cabinet")
kid_pharmacy=$(thumbprint "$pharmacy")

named="$t/named" before='' count=0
: > "$named"
while IFS= read -r line || [ -n "$line" ]; do
  number=$((number + 1))
  [ ${#line} -lt 4096 ] || bad "longer than 4,095 bytes"
  case $line in *[!A-Za-z0-9_.-]* | *.*.*.*) bad "not three parts of base64url" ;; *.*.*) ;; *) bad "not three parts of base64url" ;; esac
  header=${line%%.*} rest=${line#*.}
  payload=${rest%%.*} signature=${rest#*.}

  read_into "$header" "$t/header"
  typ=$(sed -n 's/^{"alg":"EdDSA","kid":"[A-Za-z0-9_-]\{43\}","typ":"adc-\(event\|directive\|head\|genesis\|root\)+jws"}$/\1/p' "$t/header")
  kid=$(sed -n 's/^{"alg":"EdDSA","kid":"\([A-Za-z0-9_-]\{43\}\)".*/\1/p' "$t/header")
  [ -n "$typ" ] || bad "not the exact header of this format"
  if [ "$typ" = event ]; then who=cabinet key=$cabinet wanted=$kid_cabinet; else who=pharmacy key=$pharmacy wanted=$kid_pharmacy; fi
  [ "$kid" = "$wanted" ] || bad "signed by a key that was not given for it"

  printf %s "$header.$payload" > "$t/input"
  read_into "$payload" "$t/payload"
  read_into "$signature" "$t/signature"
  openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$t/input" -sigfile "$t/signature" \
    > "$t/noise" 2>&1 || bad "bad signature"
  hash=$(sha256 "$t/input")

  case $typ in
    genesis)
      before=$hash count=0
      ;;
    event | directive)
      [ -z "$before" ] || [ "$(field prev)" = "$before" ] || bad "broken chain"
      seq=$(field seq)
      [ -z "$before" ] || [ "$seq" = $((count + 1)) ] || bad "line $seq where $((count + 1)) should stand"
      before=$hash count=$seq
      echo "$(field body)" >> "$named"
      ;;
  esac
  echo "$who $hash"
done < "$lines"

[ -n "$bodies" ] || exit 0
lines=$bodies number=0
: > "$t/held"
while IFS= read -r record || [ -n "$record" ]; do
  number=$((number + 1))
  case $record in \~*.*.*) ;; *) bad "not a body record" ;; esac
  digest=${record%%.*} rest=${record#*.}
  digest=${digest#\~}
  read_into "${rest%%.*}" "$t/salt"
  read_into "${rest#*.}" "$t/data"
  cat "$t/salt" "$t/data" > "$t/body"
  [ "$(sha256 "$t/body")" = "$digest" ] || bad "the body is not the one its digest names"
  echo "$digest" >> "$t/held"
done < "$bodies"
forgotten=$(grep -vxcFf "$t/held" "$named" || true)
if [ "$forgotten" = 0 ]; then echo "bodies hold"; else echo "bodies hold, $forgotten forgotten"; fi
