/* SPDX-License-Identifier: Apache-2.0
 * The key table as documents: the sample file, and the reference in docs/configuration.md. */
#include "engine/conf/load.h"

#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <stdio.h>
#include <string.h>

enum { WRAP = 96 };

/* `help` as comment lines behind `indent`, broken at blanks. */
static void put_comment(struct writer *w, const char *indent, const char *help)
{
	size_t width = WRAP - strlen(indent) - 2;
	while (*help != '\0') {
		size_t n = strlen(help);
		if (n > width) {
			n = width;
			while (n > 0 && help[n] != ' ')
				n--;
			if (n == 0)
				n = strcspn(help, " ");
		}
		writer_printf(w, "%s# %.*s\n", indent, (int)n, help);
		help += n;
		help += strspn(help, " ");
	}
}

static void describe(char *dst, size_t cap, const struct conf_key *k)
{
	static const char *const names[] = {[CONF_TEXT] = "text",
		[CONF_WORD] = "one of",
		[CONF_COUNT] = "number",
		[CONF_DURATION] = "duration",
		[CONF_SIZE] = "size",
		[CONF_PATH] = "path",
		[CONF_FILE] = "file",
		[CONF_SECRET] = "file, private",
		[CONF_ENV] = "name of an environment variable",
		[CONF_URL] = "https URL",
		[CONF_PROXY] = "http URL",
		[CONF_PINS] = "digests sha256/BASE64, with commas between or as a list",
		[CONF_ADDRESS] = "address",
		[CONF_RANGE] = "range of addresses",
		[CONF_NETS] = "networks, with commas between or as a list",
		[CONF_ACCEPT] = "addresses, networks or",
		[CONF_TIMES] = "times of the day, with commas between or as a list",
		[CONF_WEEKDAYS] = "days of the week, with commas between or as a list",
		[CONF_FIELDS] = "names of fields, with commas between or as a list",
		[CONF_LIST] = "list of maps"};
	char bounds[72];
	size_t len = str_copy(dst, cap, names[k->type]);
	if (k->type == CONF_TEXT || k->type == CONF_LIST) {
		(void)snprintf(dst + len, cap - len, ", up to %llu%s", (unsigned long long)k->max,
			k->type == CONF_TEXT ? " bytes" : "");
	} else if (k->type == CONF_COUNT || k->type == CONF_DURATION || k->type == CONF_SIZE) {
		conf_show_bounds(bounds, sizeof bounds, k);
		(void)snprintf(
			dst + len, cap - len, ", %s%s", bounds, k->words != NULL ? ", or" : "");
	}
	for (const struct conf_word *w = k->words; w != NULL && w->word != NULL; w++) {
		len = strlen(dst);
		(void)snprintf(dst + len, cap - len, " %s", w->word);
	}
}

static const char *value_of(const struct conf_key *k)
{
	return k->preset != NULL ? k->preset : k->sample != NULL ? k->sample : "";
}

static void put_sample_key(struct writer *w, const struct conf_key *k, const char *name,
	const char *indent, const char *mark)
{
	char type[160], help[1024];
	describe(type, sizeof type, k);
	(void)snprintf(help, sizeof help, "%s [%s%s]", k->help, type,
		k->is_needed        ? "; needed"
		: k->preset == NULL ? "; no default"
				    : "");
	put_comment(w, indent, help);
	writer_printf(w, "%s%s%s: %s\n", indent, mark, name, value_of(k));
}

static void put_sample_list(
	struct writer *w, const struct conf_key *k, const char *name, const char *indent)
{
	const struct conf_key *first = k->items->keys;
	char inner[16];
	(void)snprintf(inner, sizeof inner, "%s#    ", indent);
	put_comment(w, indent, k->help);
	writer_printf(w, "%s#%s:\n", indent, name);
	/* The first key begins the entry; the others that have no default stay comments. */
	put_comment(w, inner, first->help);
	writer_printf(w, "%s#  - %s: %s\n", indent, first->path, value_of(first));
	for (const struct conf_key *i = first + 1; i < first + k->items->count; i++)
		put_sample_key(w, i, i->path, inner, i->preset == NULL ? "#" : "");
}

void conf_write_sample(struct writer *w, const struct conf_table *t)
{
	writer_printf(w,
		"# The configuration of %s, usually %s.\n"
		"# Every key is shown with its default, or an example where there is none. Take "
		"the\n"
		"# first # of a line away to use it. To check the file: %s check-config --config "
		"FILE\n",
		t->title, t->file, t->title);
	const char *section = "";
	size_t section_len = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_key *k = &t->keys[i];
		const char *dot = strchr(k->path, '.');
		const char *name = dot == NULL ? k->path : dot + 1;
		size_t len = dot == NULL ? 0 : (size_t)(dot - k->path);
		const char *indent = len > 0 ? "  " : "";
		writer_char(w, '\n');
		if (len > 0 && (len != section_len || strncmp(section, k->path, len) != 0))
			writer_printf(w, "%.*s:\n", (int)len, k->path);
		section = k->path;
		section_len = len;
		if (k->type == CONF_LIST)
			put_sample_list(w, k, name, indent);
		else
			put_sample_key(w, k, name, indent, "#");
	}
}

static void put_reference_table(struct writer *w, const struct conf_table *t)
{
	char type[160];
	writer_str(w, "| key | takes | default | meaning |\n|---|---|---|---|\n");
	for (const struct conf_key *k = t->keys; k < t->keys + t->count; k++) {
		describe(type, sizeof type, k);
		const char *quote = k->preset != NULL ? "`" : "";
		const char *preset = k->preset != NULL ? k->preset : k->is_needed ? "needed" : "";
		writer_printf(w, "| `%s` | %s | %s%s%s | %s |\n", k->path, type, quote, preset,
			quote, k->help);
	}
}

static void put_reference(struct writer *w, const struct conf_table *t)
{
	writer_printf(w, "## `%s`\nUsually `%s`.\n\n", t->title, t->file);
	put_reference_table(w, t);
	for (const struct conf_key *k = t->keys; k < t->keys + t->count; k++) {
		if (k->type != CONF_LIST)
			continue;
		writer_printf(w, "\nEach entry of `%s`:\n\n", k->path);
		put_reference_table(w, k->items);
	}
}

void conf_write_manual(struct writer *w)
{
	writer_str(w, (const char *)conf_reference[0].bytes);
	put_reference(w, &conf_agent_table);
	writer_char(w, '\n');
	put_reference(w, &conf_hub_table);
}
