/* SPDX-License-Identifier: Apache-2.0
 * What a supply's description says, and which supplies are parts that wear: they do not run out
 * with the pages of a month, somebody comes to replace them (RFC 3805 has no class of its own for
 * them; many printers give them type other). */
#include "proto/mib_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct word_row {
	const char *word; /* lower case ASCII, or UTF-8 as printers write it */
	uint8_t type;
};

enum {
	TYPE_OTHER = 1,
	TYPE_UNKNOWN = 2,
	TYPE_TONER = 3,
	TYPE_WASTE_TONER = 4,
	TYPE_INK = 5,
	TYPE_WASTE_INK = 8,
	TYPE_OPC = 9,
	TYPE_DEVELOPER = 10,
	TYPE_FUSER = 15,
	TYPE_CLEANER = 18,
	TYPE_TRANSFER = 20,
	TYPE_STAPLES = 32
};

/* Whether the word begins somewhere in t, not in the middle of another one. */
static bool has_word(struct text t, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= t.len; i++) {
		/* Most places are passed at their first letter. */
		if ((t.p[i] | 0x20) == word[0] && (i == 0 || !isalnum((unsigned char)t.p[i - 1])) &&
			strncasecmp(t.p + i, word, n) == 0)
			return true;
	}
	return false;
}

uint8_t mib_type_of(struct text description)
{
	/* The first that fits: a "waste toner box" is no toner, a "transfer belt cleaner" is one.
	 */
	static const struct word_row words[] = {{"waste ink", TYPE_WASTE_INK},
		{"maintenance box", TYPE_WASTE_INK}, {"waste", TYPE_WASTE_TONER},
		{"cleaner", TYPE_CLEANER}, {"cleaning", TYPE_CLEANER}, {"staple", TYPE_STAPLES},
		{"fuser", TYPE_FUSER}, {"fusing", TYPE_FUSER}, {"fixing", TYPE_FUSER},
		{"fixiereinheit", TYPE_FUSER}, {"transfer", TYPE_TRANSFER}, {"belt", TYPE_TRANSFER},
		{"developer", TYPE_DEVELOPER}, {"developing", TYPE_DEVELOPER}, {"drum", TYPE_OPC},
		{"photoconductor", TYPE_OPC}, {"imaging unit", TYPE_OPC}, {"opc", TYPE_OPC},
		{"trommel", TYPE_OPC}, {"tambour", TYPE_OPC}, {"toner", TYPE_TONER},
		{"ink", TYPE_INK}, {"print head", TYPE_OTHER}};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (has_word(description, words[i].word))
			return words[i].type;
	}
	return 0;
}

struct text mib_colorant_of(struct text description)
{
	static const struct {
		const char *word, *colorant;
	} words[] = {{"black", "black"}, {"schwarz", "black"}, {"noir", "black"}, {"nero", "black"},
		{"negro", "black"}, {"preto", "black"}, {"cyan", "cyan"}, {"ciano", "cyan"},
		{"cian", "cyan"}, {"magenta", "magenta"}, {"yellow", "yellow"}, {"gelb", "yellow"},
		{"jaune", "yellow"}, {"giallo", "yellow"}, {"amarillo", "yellow"},
		{"amarelo", "yellow"}};
	const char *found = NULL;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!has_word(description, words[i].word))
			continue;
		/* "Cyan, magenta and yellow drums" have none. */
		if (found != NULL && strcmp(found, words[i].colorant) != 0)
			return (struct text){NULL, 0};
		found = words[i].colorant;
	}
	return found != NULL ? text_of(found) : (struct text){NULL, 0};
}

/* ---- parts that wear -------------------------------------------------------------------- */

static bool is_wearing(const struct supply *s)
{
	static const char *const words[] = {"kit", "roller", "roll", "belt", "drum", "imaging unit",
		"photoconductor", "fuser", "fusing", "transfer", "separat", "retard", "pad",
		"developer unit", "filter", "maintenance unit"};
	/* opc, developer, fuserOil, fuser, coronaWire, fuserOilWick, cleanerUnit,
	 * fuserCleaningPad, transferUnit, fuserOiler */
	static const uint8_t types[] = {9, 10, 11, 15, 16, 17, 18, 19, 20, 22};
	if (memchr(types, s->type, sizeof types) != NULL)
		return true;
	if (s->type > TYPE_UNKNOWN)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (has_word(s->description, words[i]))
			return true;
	}
	return false;
}

static bool add_part(struct reading *r, const struct supply *s)
{
	double percent = supply_percent(s);
	struct maintenance *m = reading_add_maintenance(r);
	if (m == NULL)
		return false;
	m->device = s->device;
	m->index = s->index;
	m->type = s->type;
	m->unit = s->unit;
	m->name = s->description.len > 0 ? s->description : text_of(supply_type_name(s->type));
	m->colorant = s->colorant;
	/* A level in percent without a maximum is of a hundred. */
	m->life = s->has_max && s->max > 0 ? s->max : percent >= 0 ? 100 : -1;
	m->left = s->has_level && s->level >= 0 ? s->level : -1;
	m->used = percent >= 0 && m->life >= m->left ? m->life - m->left : -1;
	m->percent_x100 = percent >= 0 ? (int32_t)(percent * 100 + 0.5) : -1;
	return true;
}

void mib_conclude_parts(struct mib_walk *w, struct reading *r)
{
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		if (is_wearing(s) && !add_part(r, s)) {
			w->groups_broken |= 1u << GROUP_MAINTENANCE;
			return;
		}
	}
}
