/* SPDX-License-Identifier: Apache-2.0
 * platen models: what is known of which vendors, and by which evidence. */
#include "engine/agent/verbs.h"

#include "engine/agent/knowledge.h"

#include <jansson.h>
#include <stdio.h>

const struct cli_option agent_models_options[] = {
	AGENT_OPTION_MODELS, {"json", 'j', NULL, "one JSON object instead of words"}, {0}};

/* Columns of the terminal that a text takes, wide characters aside. */
static size_t width_of(struct text t)
{
	size_t n = 0;
	for (size_t i = 0; i < t.len; i++)
		n += ((unsigned char)t.p[i] & 0xc0) != 0x80;
	return n;
}

/* ---- words ---- */

static void print_line(const struct model_line *l, size_t width)
{
	(void)printf("  %-9s  %.*s", model_evidence_name((enum model_evidence)l->evidence),
		TEXT_ARG(l->name));
	if (l->note.len > 0)
		(void)printf("%*s  %.*s", (int)(width - width_of(l->name)), "", TEXT_ARG(l->note));
	(void)putchar('\n');
}

static void print_models(const struct models *set)
{
	size_t width = 0;
	for (unsigned f = 0; f < set->count; f++) {
		const struct model *m = &set->model[f];
		for (unsigned i = 0; i < m->line_count; i++) {
			size_t own = width_of(set->line[m->first_line + i].name);
			width = own > width ? own : width;
		}
	}
	for (unsigned f = 0; f < set->count; f++) {
		const struct model *m = &set->model[f];
		(void)printf("%.*s:", TEXT_ARG(m->name));
		for (unsigned i = 0; i < m->vendor_count; i++)
			(void)printf("%s %.*s", i > 0 ? "," : "",
				TEXT_ARG(set->vendor[m->first_vendor + i].vendor));
		(void)putchar('\n');
		for (unsigned i = 0; i < m->line_count; i++)
			print_line(&set->line[m->first_line + i], width);
	}
}

/* ---- JSON ---- */

static json_t *string_of(struct text t)
{
	return json_stringn(t.p != NULL ? t.p : "", t.len);
}

static json_t *json_of(const struct models *set, const struct model *m)
{
	json_t *vendors = json_array(), *lines = json_array();
	int err = 0;
	for (unsigned i = 0; i < m->vendor_count; i++)
		err |= json_array_append_new(
			vendors, string_of(set->vendor[m->first_vendor + i].vendor));
	for (unsigned i = 0; i < m->line_count; i++) {
		const struct model_line *l = &set->line[m->first_line + i];
		err |= json_array_append_new(
			lines, json_pack("{so ss so}", "name", string_of(l->name), "evidence",
				       model_evidence_name((enum model_evidence)l->evidence),
				       "note", string_of(l->note)));
	}
	json_t *o = json_pack("{so so so so}", "family", string_of(m->name), "file",
		string_of(m->file), "vendors", vendors, "models", lines);
	if (err == 0 && o != NULL)
		return o;
	json_decref(o);
	return NULL;
}

static int print_json(const struct models *set)
{
	json_t *families = json_array();
	int err = families == NULL ? -1 : 0;
	for (unsigned f = 0; f < set->count && err == 0; f++)
		err = json_array_append_new(families, json_of(set, &set->model[f]));
	json_t *o = err == 0 ? json_pack("{sO}", "families", families) : NULL;
	err = o == NULL ? ERR_FULL : json_dumpf(o, stdout, JSON_COMPACT);
	(void)putchar('\n');
	json_decref(o);
	json_decref(families);
	return err;
}

int agent_verb_models(const struct cli *cli)
{
	struct agent_knowledge knowledge;
	int err = agent_need_knowledge(&knowledge, cli_value(cli, "models"));
	if (err < 0)
		return cli_exit_of(err);
	if (cli_has(cli, "json"))
		err = print_json(knowledge.models);
	else
		print_models(knowledge.models);
	agent_close_knowledge(&knowledge);
	return err < 0 ? CLI_FAILED : cli_finish(cli);
}
