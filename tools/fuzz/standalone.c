/* standalone.c - runs a fuzz target over files, for builds without libFuzzer: standalone FILE... Says nothing; a sanitizer would. */
#include "fuzz.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];

	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		if (!file) {
			fprintf(stderr, "%s: cannot be read\n", argv[i]);
			return 1;
		}
		size_t size = fread(data, 1, sizeof data, file);
		fclose(file);
		uint8_t *own = malloc(size ? size : 1); /* its own length, so that a sanitizer sees a read behind it */
		if (!own)
			return 1;
		memcpy(own, data, size);
		LLVMFuzzerTestOneInput(own, size);
		free(own);
	}
	return 0;
}
