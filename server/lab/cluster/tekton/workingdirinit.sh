#!/bin/sh
exec mkdir -p -- "$@"
