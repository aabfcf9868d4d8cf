/* SPDX-License-Identifier: Apache-2.0
 * "Did you mean": which key of a table a misspelled one is closest to. Pure. */
#include "engine/conf/load.h"

#include "proto/base/closest.h"
#include "proto/base/str.h"

#include <stdio.h>
#include <string.h>

/* The word of a path that could stand at this level: "devices" or "interval". */
static struct text word_at(const char *path, const char *section, size_t section_len)
{
	if (section_len > 0) {
		if (strncmp(path, section, section_len) != 0 || path[section_len] != '.')
			return (struct text){NULL, 0};
		path += section_len + 1;
	}
	return (struct text){path, strcspn(path, ".")};
}

void conf_closest_hint(char *dst, size_t cap, const struct conf_table *t, const char *section,
	size_t section_len, const char *name)
{
	size_t len = strlen(name);
	const char *dot = strchr(name, '.');
	dst[0] = '\0';
	if (dot != NULL && section_len == 0 && conf_table_find(t, name) >= 0) {
		(void)snprintf(dst, cap, "; write \"%s\" on a line of its own under \"%.*s:\"",
			dot + 1, (int)(dot - name), name);
		return;
	}
	unsigned most = len <= 3 ? 1 : len <= 6 ? 2 : 3;
	unsigned best = most + 1;
	struct text word = {NULL, 0};
	for (size_t i = 0; i < t->count; i++) {
		struct text w = word_at(t->keys[i].path, section, section_len);
		if (w.p == NULL)
			continue;
		unsigned d = closest_distance(name, len, w.p, w.len, most);
		if (d < best) {
			best = d;
			word = w;
		}
	}
	if (word.p != NULL) {
		(void)snprintf(dst, cap, "; did you mean \"%.*s\"?", TEXT_ARG(word));
		return;
	}
	for (size_t i = 0; i < t->count; i++) {
		const char *last = strrchr(t->keys[i].path, '.');
		last = last == NULL ? t->keys[i].path : last + 1;
		/* One or two letters are near too many keys. */
		unsigned far = len > 2 ? 1 : 0;
		if (closest_distance(name, len, last, strlen(last), far) > far)
			continue;
		(void)snprintf(dst, cap, "; did you mean \"%s\"?", t->keys[i].path);
		return;
	}
}
