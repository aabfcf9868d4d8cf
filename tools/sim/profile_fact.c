/* SPDX-License-Identifier: Apache-2.0
 * The truth blocks of a profile (docs/sim.md): how a collector must interpret its rows, stated a
 * second time. Names and units are not interpreted here but by tools/gate/compare.py. */
#include "tools/sim/profile_load.h"

#include <stdlib.h>
#include <string.h>

/* The list of sections is allocated once, because facts point into it. */
static struct fact_section *new_section(struct profile *p)
{
	if (p->sections == NULL) {
		p->sections = calloc(PROFILE_SECTIONS, sizeof *p->sections);
		p->facts = calloc(PROFILE_FACTS, sizeof *p->facts);
	}
	if (p->sections == NULL || p->facts == NULL || p->section_count == PROFILE_SECTIONS)
		return NULL;
	return &p->sections[p->section_count++];
}

static int copy_word(struct load *l, struct text word, char dst[PROFILE_NAME])
{
	if (word.len == 0 || word.len >= PROFILE_NAME)
		return load_fail(
			l, "truth SECTION column, column ...: a word is missing or too long");
	memcpy(dst, word.p, word.len);
	dst[word.len] = '\0';
	return 0;
}

int load_truth(struct load *l, struct text rest)
{
	struct fact_section *s = new_section(l->p);
	if (s == NULL)
		return load_fail(l, "too many truth blocks");
	int err = copy_word(l, load_word(&rest), s->name);
	while (err == 0 && rest.len > 0) {
		if (s->columns == PROFILE_COLUMNS)
			return load_fail(l, "too many columns");
		err = copy_word(l, load_cell(&rest, ','), s->column[s->columns]);
		s->columns++;
	}
	if (err == 0 && s->columns == 0)
		return load_fail(l, "truth SECTION column, column ...");
	l->section = s;
	return err;
}

/* The first letter decides the kind of a cell: =NAME is a changing number, digits are a constant,
 * quotes and bare words are text. */
static int cell_row(struct load *l, const struct oid *name, struct text cell)
{
	char quoted[PROFILE_NAME + 2];
	struct text first = cell, word = load_word(&first);
	if (!text_is(word, "pick"))
		first = cell;
	char c = first.len > 0 ? first.p[0] : '\0';
	if (c == '=')
		return load_row(l, name, -1, text_of("gauge"), cell);
	if (c == '-' || (c >= '0' && c <= '9'))
		return load_row(l, name, -1, text_of("integer"), cell);
	if (c == '"' || first.p != cell.p)
		return load_row(l, name, -1, text_of("string"), cell);
	if (cell.len >= PROFILE_NAME)
		return load_fail(l, "a longer text needs quotes");
	quoted[0] = quoted[cell.len + 1] = '"';
	memcpy(quoted + 1, cell.p, cell.len);
	return load_row(
		l, name, -1, text_of("string"), (struct text){quoted, (size_t)cell.len + 2});
}

int load_fact(struct load *l, struct text line)
{
	struct profile *p = l->p;
	const struct fact_section *s = l->section;
	struct text rest = line, word = load_word(&rest);
	int cond = -1;
	if (p->fact_count == PROFILE_FACTS)
		return load_fail(l, "too many facts");
	if (text_is(word, "when")) {
		cond = load_cond(l, load_cell(&rest, '|'));
		if (cond < 0)
			return cond;
		line = rest;
	}
	struct fact f = {
		.section = s, .cond = (int8_t)cond, .first = (uint32_t)p->fact_cells.count};
	struct row_table *into = l->into;
	l->into = &p->fact_cells;
	int err = 0;
	for (size_t i = 0; err == 0 && i < s->columns; i++) {
		struct oid name = {.sub = {1, 3, (uint32_t)i}, .len = 3};
		if (line.len == 0)
			err = load_fail(l, "%zu cells expected", s->columns);
		struct text cell = load_cell(&line, '|');
		if (err == 0 && !text_is(cell, "-"))
			err = cell_row(l, &name, cell);
	}
	l->into = into;
	f.cells = (uint32_t)p->fact_cells.count - f.first;
	p->facts[p->fact_count++] = f;
	return err == 0 && line.len > 0 ? load_fail(l, "too many cells") : err;
}
