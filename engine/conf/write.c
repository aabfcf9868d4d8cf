/* SPDX-License-Identifier: Apache-2.0
 * The key table as documents: the sample file, and the reference in docs/configuration.md. */
#include "engine/conf/load.h"

#include "proto/base/limits.h"

#include <stdio.h>
#include <string.h>

enum { WRAP = 96 };

/* `help` as comment lines behind `indent`, broken at blanks. */
static int put_comment(struct buf *dst, const char *indent, const char *help)
{
	size_t room = WRAP - strlen(indent) - 2;
	while (*help != '\0') {
		size_t n = strlen(help);
		if (n > room) {
			n = room;
			while (n > 0 && help[n] != ' ')
				n--;
			if (n == 0)
				n = strcspn(help, " ");
		}
		int err = buf_printf(dst, "%s# %.*s\n", indent, (int)n, help);
		if (err < 0)
			return err;
		help += n;
		help += strspn(help, " ");
	}
	return 0;
}

static void describe(char *dst, size_t cap, const struct conf_key *k)
{
	char bounds[72];
	size_t len;
	switch (k->type) {
	case CONF_TEXT:
		(void)snprintf(dst, cap, "text, up to %llu bytes", (unsigned long long)k->max);
		return;
	case CONF_WORD:
		(void)snprintf(dst, cap, "one of");
		for (const struct conf_word *w = k->words; w->word != NULL; w++) {
			len = strlen(dst);
			(void)snprintf(dst + len, cap - len, " %s", w->word);
		}
		return;
	case CONF_COUNT:
	case CONF_DURATION:
	case CONF_SIZE:
		conf_show_bounds(bounds, sizeof bounds, k);
		(void)snprintf(dst, cap, "%s, %s",
			k->type == CONF_COUNT      ? "number"
			: k->type == CONF_DURATION ? "duration"
						   : "size",
			bounds);
		return;
	case CONF_PATH:
		(void)snprintf(dst, cap, "path");
		return;
	case CONF_FILE:
		(void)snprintf(dst, cap, "file");
		return;
	case CONF_SECRET:
		(void)snprintf(dst, cap, "file, private");
		return;
	case CONF_ENV:
		(void)snprintf(dst, cap, "name of an environment variable");
		return;
	case CONF_URL:
		(void)snprintf(dst, cap, "https URL");
		return;
	case CONF_ADDRESS:
		(void)snprintf(dst, cap, "address");
		return;
	case CONF_RANGE:
		(void)snprintf(dst, cap, "range of addresses");
		return;
	case CONF_NETS:
		(void)snprintf(dst, cap, "networks, with commas between or as a list");
		return;
	case CONF_ACCEPT:
		len = 0;
		for (const struct conf_word *w = k->words; w->word != NULL && len < cap; w++)
			len += (size_t)snprintf(dst + len, cap - len, "%s, ", w->word);
		if (len < cap)
			(void)snprintf(dst + len, cap - len, "addresses or networks");
		return;
	case CONF_LIST:
		(void)snprintf(dst, cap, "list of maps, up to %llu", (unsigned long long)k->max);
		return;
	}
}

static const char *value_of(const struct conf_key *k)
{
	return k->preset != NULL ? k->preset : k->sample != NULL ? k->sample : "";
}

static int put_sample_key(struct buf *dst, const struct conf_key *k, const char *name,
	const char *indent, const char *mark)
{
	char type[160], help[1024];
	describe(type, sizeof type, k);
	(void)snprintf(help, sizeof help, "%s [%s%s]", k->help, type,
		k->is_needed        ? "; needed"
		: k->preset == NULL ? "; no default"
				    : "");
	int err = put_comment(dst, indent, help);
	if (err < 0)
		return err;
	return buf_printf(dst, "%s%s%s: %s\n", indent, mark, name, value_of(k));
}

static int put_sample_list(
	struct buf *dst, const struct conf_key *k, const char *name, const char *indent)
{
	char inner[16];
	int err = put_comment(dst, indent, k->help);
	if (err == 0)
		err = buf_printf(dst, "%s#%s:\n", indent, name);
	(void)snprintf(inner, sizeof inner, "%s#    ", indent);
	for (size_t i = 0; i < k->items->count && err == 0; i++) {
		const struct conf_key *item = &k->items->keys[i];
		/* The first key begins the entry; the others that have no default stay comments. */
		if (i == 0) {
			err = put_comment(dst, inner, item->help);
			if (err == 0)
				err = buf_printf(
					dst, "%s#  - %s: %s\n", indent, item->path, value_of(item));
		} else {
			err = put_sample_key(
				dst, item, item->path, inner, item->preset == NULL ? "#" : "");
		}
	}
	return err;
}

int conf_write_sample(struct buf *dst, const struct conf_table *t)
{
	int err = buf_printf(dst,
		"# The configuration of %s, usually %s.\n"
		"# Every key is shown with its default, or an example where there is none. Take "
		"the\n"
		"# first # of a line away to use it. To check the file: %s check-config --config "
		"FILE\n",
		t->title, t->file, t->title);
	const char *section = "";
	size_t section_len = 0;
	for (size_t i = 0; i < t->count && err == 0; i++) {
		const struct conf_key *k = &t->keys[i];
		const char *dot = strchr(k->path, '.');
		const char *name = dot == NULL ? k->path : dot + 1;
		size_t len = dot == NULL ? 0 : (size_t)(dot - k->path);
		const char *indent = len > 0 ? "  " : "";
		err = buf_put_text(dst, "\n");
		if (err == 0 && len > 0 &&
			(len != section_len || strncmp(section, k->path, len) != 0))
			err = buf_printf(dst, "%.*s:\n", (int)len, k->path);
		section = k->path;
		section_len = len;
		if (err == 0)
			err = k->type == CONF_LIST ? put_sample_list(dst, k, name, indent)
						   : put_sample_key(dst, k, name, indent, "#");
	}
	return err;
}

static int put_reference_row(struct buf *dst, const struct conf_key *k)
{
	char type[160];
	describe(type, sizeof type, k);
	const char *preset = k->preset;
	return buf_printf(dst, "| `%s` | %s | %s%s%s | %s |\n", k->path, type,
		preset != NULL ? "`" : "",
		preset != NULL ? preset
		: k->is_needed ? "needed"
			       : "",
		preset != NULL ? "`" : "", k->help);
}

static int put_reference_table(struct buf *dst, const struct conf_table *t)
{
	int err = buf_put_text(dst, "| key | takes | default | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < t->count && err == 0; i++)
		err = put_reference_row(dst, &t->keys[i]);
	return err;
}

static int put_reference(struct buf *dst, const struct conf_table *t)
{
	int err = buf_printf(dst, "## `%s`\nUsually `%s`.\n\n", t->title, t->file);
	if (err == 0)
		err = put_reference_table(dst, t);
	for (size_t i = 0; i < t->count && err == 0; i++) {
		const struct conf_key *k = &t->keys[i];
		if (k->type != CONF_LIST)
			continue;
		err = buf_printf(dst, "\nEach entry of `%s`:\n\n", k->path);
		if (err == 0)
			err = put_reference_table(dst, k->items);
	}
	return err;
}

int conf_write_manual(struct buf *dst)
{
	int err = buf_put_text(dst,
		"# Configuration\n"
		"This page is made from the key tables in `engine/conf/table*.c` by\n"
		"`platen sample-config --reference`; a test compares the two.\n\n"
		"One YAML file for each program. A key is `name` or `section.name`, written as\n\n"
		"```yaml\n"
		"site: Lyon\n"
		"devices:\n"
		"  interval: 1h\n"
		"  targets:\n"
		"    - range: 10.1.4.0/24\n"
		"    - csv: printers.csv\n"
		"      version: 1\n"
		"```\n\n"
		"An unknown key, a key given twice, a value of another kind or out of its range is "
		"an\n"
		"error with `file:line:column`, and the program does not start. Durations are a "
		"number\n"
		"with `ms`, `s`, `m`, `h` or `d`; sizes a number with `B`, `KiB`, `MiB` or `GiB`.\n"
		"A duration may be a compound such as `1h30m`. Relative paths are taken from the "
		"folder\n"
		"of the configuration file. Anchors, aliases and tags of YAML are not allowed.\n\n"
		"Further parts may stand in a folder beside the file: `conf.d/*.yaml` for "
		"`platen`,\n"
		"`hub.conf.d/*.yaml` for `platen-hub`. They are read in the order of their names "
		"after\n"
		"the file. Lists are appended to, other values replace earlier ones; relative "
		"paths are\n"
		"still taken from the folder of the configuration file. The folder must belong to "
		"the\n"
		"user that runs the program, or root, and must not be writable by others.\n\n"
		"A private file (a password, a community, a key) must belong to the user that runs "
		"the\n"
		"program, or root, and must not be readable or writable by others (mode 0600, 0400 "
		"or\n"
		"0640), except under `$CREDENTIALS_DIRECTORY`, `/run/secrets` or a read-only "
		"mount. A\n"
		"trailing newline is cut.\n\n");
	if (err == 0)
		err = put_reference(dst, &conf_agent_table);
	if (err == 0)
		err = buf_put_text(dst, "\n");
	if (err == 0)
		err = put_reference(dst, &conf_hub_table);
	return err;
}
