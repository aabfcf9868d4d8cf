/* SPDX-License-Identifier: Apache-2.0
 * platen models: the vendors and models of the model files, with their evidence. */
#include "proto/text/json_writer.h"
#include "engine/agent/verbs.h"

#include "engine/agent/knowledge.h"

#include <stdio.h>

/* Columns on the terminal, with every character taken for one. */
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

static void print_count(unsigned n, const char *what, bool *is_first)
{
	if (n == 0)
		return;
	(void)printf("%s%u %s%s", *is_first ? "" : ", ", n, what, n == 1 ? "" : "s");
	*is_first = false;
}

static void print_evidence(const struct model *m)
{
	bool is_first = true;
	(void)fputs("  evidence: ", stdout);
	print_count(m->recordings, "recording", &is_first);
	print_count(m->cases, "case", &is_first);
	print_count(m->documents, "vendor document", &is_first);
	(void)puts(is_first ? "none" : "");
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
		print_evidence(m);
		for (unsigned i = 0; i < m->line_count; i++)
			print_line(&set->line[m->first_line + i], width);
	}
}

/* ---- JSON ---- */

static void put_model(struct writer *w, const struct models *set, const struct model *m)
{
	jw_object(w, NULL);
	jw_text(w, "family", m->name);
	jw_text(w, "file", m->file);
	jw_array(w, "vendors");
	for (unsigned i = 0; i < m->vendor_count; i++)
		jw_text(w, NULL, set->vendor[m->first_vendor + i].vendor);
	jw_end(w);
	jw_object(w, "evidence");
	jw_uint(w, "recordings", m->recordings);
	jw_uint(w, "cases", m->cases);
	jw_uint(w, "documents", m->documents);
	jw_end(w);
	jw_array(w, "models");
	for (unsigned i = 0; i < m->line_count; i++) {
		const struct model_line *l = &set->line[m->first_line + i];
		jw_object(w, NULL);
		jw_text(w, "name", l->name);
		jw_str(w, "evidence", model_evidence_name((enum model_evidence)l->evidence));
		jw_text(w, "note", l->note);
		jw_end(w);
	}
	jw_end(w);
	jw_end(w);
}

static int print_json(const struct models *set)
{
	struct writer w;
	writer_open_file(&w, stdout);
	jw_object(&w, NULL);
	jw_array(&w, "families");
	for (unsigned f = 0; f < set->count; f++)
		put_model(&w, set, &set->model[f]);
	return jw_close(&w);
}

static int run(const struct cli *cli)
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

const struct cli_verb agent_verb_models = {.name = "models",
	.summary = "list the vendors and models of the model files",
	.details =
		"Model files hold what is known beyond the standard MIBs. The evidence of a line "
		"is recording (read from such a device and checked), mib (the vendor's text only) "
		"or none; that of a family counts its recordings, its cases (small inputs with "
		"their right values) and the vendor's documents. Any other printer is read by the "
		"standard MIBs.",
	.options = {agent_option_models, cli_option_json},
	.run = run};
