/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/closest.h"

#include <string.h>

enum { WORD_MAX = 32 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned closest_distance(const char *a, size_t a_len, const char *b, size_t b_len, unsigned most)
{
	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return most + 1;
	/* Three rows of the usual table; the oldest serves swapped neighbours. */
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];
	for (unsigned j = 0; j <= b_len; j++)
		last[j] = j;
	memcpy(before, last, sizeof rows[0]);
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_len; j++) {
			unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;
			row[j] = least(last[j - 1] + change, 1 + least(last[j], row[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		unsigned *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_len] > most ? most + 1 : last[b_len];
}

const char *closest_word(const char *name, size_t len, const char *const *words, size_t count)
{
	/* A third of the letters may be wrong, two at least. */
	unsigned best = (unsigned)(len / 3 > 2 ? len / 3 : 2) + 1;
	const char *found = NULL;
	for (size_t i = 0; i < count; i++) {
		unsigned d = closest_distance(name, len, words[i], strlen(words[i]), best);
		if (d < best) {
			best = d;
			found = words[i];
		}
	}
	return found;
}
