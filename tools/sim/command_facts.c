/* SPDX-License-Identifier: Apache-2.0
 * The command "facts": the facts of the profile's truth blocks that hold in a window. */
#include "tools/sim/control.h"
#include "tools/sim/truth.h"

#include <string.h>

/* The facts of one section, span by span. */
struct fact_list {
	struct truth *truth;
	const char *section;
	json_t *spans;
};

static json_t *fact_to_json(
	const struct truth *t, const struct fact *f, const struct instant *in, uint64_t at_ms)
{
	static struct truth_value v;
	const struct profile *p = t->printer->profile;
	json_t *o = json_object();
	for (uint32_t i = f->first; i < f->first + f->cells; i++) {
		const struct row *r = &p->fact_cells.rows[i];
		/* The last byte of its name, 1.3.COLUMN, is the column. */
		size_t column = r->oid.p[r->oid.len - 1];
		truth_row_value(t, r, in, at_ms, &v);
		json_t *one = value_to_json(&v);
		json_object_set(o, f->section->column[column], json_object_get(one, "value"));
		json_decref(one);
	}
	return o;
}

static int add_span(void *owner, uint64_t from_ms, uint64_t until_ms, const struct instant *in)
{
	struct fact_list *g = owner;
	const struct profile *p = g->truth->printer->profile;
	if (json_array_size(g->spans) == CONTROL_VALUES)
		return ERR_LIMIT;
	json_t *facts = json_array();
	for (size_t i = 0; i < p->fact_count; i++) {
		const struct fact *f = &p->facts[i];
		if (strcmp(f->section->name, g->section) != 0 ||
			(f->cond >= 0 && (in->conds >> f->cond & 1) == 0))
			continue;
		json_array_append_new(facts, fact_to_json(g->truth, f, in, from_ms));
	}
	json_array_append_new(g->spans, json_pack("{s:I, s:I, s:o}", "from_ms", (json_int_t)from_ms,
						"until_ms", (json_int_t)until_ms, "facts", facts));
	return 0;
}

/* True if an override was set before the window's end: truth blocks do not follow overrides. */
static bool is_changed(const struct printer *p, uint64_t to_ms)
{
	size_t n = fleet_changes_until(p, to_ms);
	for (size_t i = 0; i < n; i++)
		if (p->history->list[i].kind == CHANGE_SET)
			return true;
	return false;
}

json_t *command_facts(const struct fleet *f, const struct printer *p, const json_t *command)
{
	static struct truth t;
	json_t *windows = json_object_get(command, "windows"), *window;
	const char *name;
	if (!json_is_object(windows))
		return command_error("windows: {SECTION: [from_ms, to_ms]} expected");
	json_t *sections = json_object();
	bool is_known = p->profile->fact_count > 0;
	truth_begin(&t, f, p);
	json_object_foreach(windows, name, window)
	{
		json_int_t from = json_integer_value(json_array_get(window, 0));
		json_int_t to = json_integer_value(json_array_get(window, 1));
		struct fact_list g = {&t, name, json_array()};
		int err = from < 0 || to < from ? ERR_RANGE : 0;
		if (err == 0 && is_known)
			err = truth_spans(&t, (uint64_t)from, (uint64_t)to, add_span, &g);
		json_object_set_new(sections, name, g.spans);
		if (err < 0) {
			json_decref(sections);
			return command_error(
				"%s: the window is too long, or ends before it begins", name);
		}
		is_known = is_known && !is_changed(p, (uint64_t)to);
	}
	json_t *has = json_array();
	for (size_t i = 0; i < p->profile->section_count; i++)
		json_array_append_new(has, json_string(p->profile->sections[i].name));
	return json_pack("{s:b, s:b, s:s, s:o, s:o}", "ok", 1, "known", is_known, "profile",
		p->profile->name, "has", has, "sections", sections);
}
