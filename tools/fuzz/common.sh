# common.sh - what the fuzz tools share: the build with clang, libFuzzer, sanitizers and coverage, and the list of targets. Sourced.

cd "$(dirname "$0")/../.."
root=$(pwd)
build=${OTOSCOPE_BUILD_FUZZ:-build-fuzz}
case $build in /*) ;; *) build=$root/$build ;; esac
export ASAN_OPTIONS="detect_stack_use_after_return=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1"

# Every analyzer is a target, those of plugins/NAME-c too, and so is the whole packet path.
targets() {
	echo packets
	for folder in analyzers/*/ plugins/*-c/; do
		name=$(basename "$folder" -c)
		[ -f "$folder$name.c" ] && echo "$name"
	done
}

known_target() {
	targets | grep -qx -- "$1" && return
	echo "$(basename "$0"): there is no target $1; targets are: $(targets | tr '\n' ' ')" >&2
	exit 2
}

folder_of() {
	if [ "$1" = packets ]; then echo tools/fuzz; elif [ -d "analyzers/$1" ]; then echo "analyzers/$1"; else echo "plugins/$1-c"; fi
}

corpus_of() {
	if [ "$1" = packets ]; then echo tools/fuzz/corpus/packets; else echo "$(folder_of "$1")/seeds"; fi
}

# fuzz TARGET ARGUMENT...: libFuzzer on a target
fuzz() {
	target=$1
	shift
	if [ "$target" = packets ]; then
		"$build/fuzz-packets" "$@"
	elif [ ! -d "analyzers/$target" ]; then
		OTO_FUZZ_PLUGIN=$build/$target.so OTO_FUZZ_ANALYZER=$target "$build/fuzz-analyzer" "$@"
	else
		OTO_FUZZ_ANALYZER=$target "$build/fuzz-analyzer" "$@"
	fi
}

make_build() {
	for tool in clang llvm-cov llvm-profdata meson ninja; do
		command -v "$tool" >/dev/null && continue
		echo "$(basename "$0"): $tool is missing; tools/setup --test installs it" >&2
		exit 1
	done
	mkdir -p "$build"
	again=
	[ -f "$build/build.ninja" ] && again=--reconfigure
	# shellcheck disable=SC2046,SC2086
	if ! { CC=clang CFLAGS="-fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping" LDFLAGS=-fprofile-instr-generate \
		meson setup "$build" $again -Dfuzzer=true -Dbuildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false &&
		ninja -C "$build" fuzz-packets fuzz-analyzer $(basename -a -s -c plugins/*-c | sed 's/$/.so/'); } >"$build/build.log" 2>&1 </dev/null; then
		tail -40 "$build/build.log" >&2
		echo "$(basename "$0"): the fuzz build failed" >&2
		exit 1
	fi
}
