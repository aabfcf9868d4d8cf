/* SPDX-License-Identifier: Apache-2.0
 * Repetitions of repeated tests, from tests/counts.conf. tools/check and tools/gate/prove pass a
 * column as PLATEN_COUNT_<name>; the default is the column `check`. */
#ifndef PLATEN_TESTS_COUNTS_H
#define PLATEN_TESTS_COUNTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The count of `name`. Aborts without such a row, so that no test runs zero times. */
static inline unsigned long test_count(const char *name)
{
	char text[96];
	(void)snprintf(text, sizeof text, "PLATEN_COUNT_%s", name);
	const char *given = getenv(text);
	if (given != NULL && strtoul(given, NULL, 10) > 0)
		return strtoul(given, NULL, 10);
	FILE *f = fopen(PLATEN_SOURCE_DIR "/tests/counts.conf", "re");
	char line[256];
	unsigned long check = 0;
	while (f != NULL && check == 0 && fgets(line, sizeof line, f) != NULL) {
		size_t n = strcspn(line, " \t\n");
		if (n == strlen(name) && strncmp(line, name, n) == 0)
			check = strtoul(line + n, NULL, 10);
	}
	if (f != NULL)
		(void)fclose(f);
	if (check == 0) {
		(void)fprintf(stderr, "tests/counts.conf has no row %s\n", name);
		abort();
	}
	return check;
}

#endif
