#!/bin/sh
# Renders every icon from the three drawings beside this file. Needs rsvg-convert, ImageMagick and `npm ci` in ui/.
#   icon.svg        128 px and more (and the favicon)
#   icon-small.svg  16 and 24 px
#   icon-macos.svg  the margin that macOS expects
set -eu
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

png() { rsvg-convert --width "$2" --height "$2" "$1" --output "$3"; }
png icon.svg 32 32x32.png
png icon.svg 128 128x128.png
png icon.svg 256 128x128@2x.png
png icon.svg 512 icon.png

png icon-small.svg 16 "$out/16.png"
png icon-small.svg 24 "$out/24.png"
for size in 32 48 64 256; do png icon.svg "$size" "$out/$size.png"; done
convert "$out/16.png" "$out/24.png" "$out/32.png" "$out/48.png" "$out/64.png" "$out/256.png" icon.ico

png icon-macos.svg 1024 "$out/macos.png"
(cd ../ui && npx tauri icon "$out/macos.png" --output "$out/all" >/dev/null)
cp "$out/all/icon.icns" icon.icns

cp icon.svg ../ui/public/favicon.svg
