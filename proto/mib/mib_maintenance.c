/* SPDX-License-Identifier: Apache-2.0
 * The type from a supply's description, and the supplies that are parts that wear out. A
 * technician replaces such parts; RFC 3805 has no class for them, and many printers give them type
 * other. */
#include "proto/mib/mib_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct word_row {
	const char *word; /* lower case ASCII, or UTF-8 as printers write it */
	uint8_t means;    /* a type */
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

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A bit for each letter, whatever its case. */
static uint32_t letter_bit(char c)
{
	return UINT32_C(1) << ((unsigned char)c & 31);
}

/* Bit k: the k-th word begins a word of t. One pass over t; the first letter excludes most words.
 */
static uint64_t words_in(struct text t, const struct word_row *rows, size_t count)
{
	uint64_t found = 0;
	uint32_t letters = 0;
	for (size_t k = 0; k < count; k++)
		letters |= letter_bit(rows[k].word[0]);
	for (size_t i = 0; i < t.len; i++) {
		if ((letters & letter_bit(t.p[i])) == 0 ||
			(i > 0 && isalnum((unsigned char)t.p[i - 1])))
			continue;
		for (size_t k = 0; k < count; k++) {
			const char *word = rows[k].word;
			if ((t.p[i] | 0x20) != word[0])
				continue;
			size_t n = strlen(word);
			if (n <= t.len - i && strncasecmp(t.p + i, word, n) == 0)
				found |= UINT64_C(1) << k;
		}
	}
	return found;
}

/* The number of the lowest bit; bits is not 0. */
static unsigned lowest(uint64_t bits)
{
	unsigned n = 0;
	for (; (bits & 1) == 0; bits >>= 1)
		n++;
	return n;
}

uint8_t mib_type_of(struct text description)
{
	/* The first match counts: a "waste toner box" is no toner, a "transfer belt cleaner" is a
	 * cleaner. */
	static const struct word_row words[] = {{"waste ink", TYPE_WASTE_INK},
		{"maintenance box", TYPE_WASTE_INK}, {"maintenance cartridge", TYPE_WASTE_INK},
		{"maintenance tank", TYPE_WASTE_INK}, {"ink capture", TYPE_WASTE_INK},
		{"ink absorber", TYPE_WASTE_INK}, {"waste", TYPE_WASTE_TONER},
		{"cleaner", TYPE_CLEANER}, {"cleaning", TYPE_CLEANER}, {"staple", TYPE_STAPLES},
		{"fuser", TYPE_FUSER}, {"fusing", TYPE_FUSER}, {"fixing", TYPE_FUSER},
		{"fixiereinheit", TYPE_FUSER}, {"transfer", TYPE_TRANSFER}, {"belt", TYPE_TRANSFER},
		{"developer", TYPE_DEVELOPER}, {"developing", TYPE_DEVELOPER}, {"drum", TYPE_OPC},
		{"photoconductor", TYPE_OPC}, {"imaging unit", TYPE_OPC}, {"opc", TYPE_OPC},
		{"trommel", TYPE_OPC}, {"tambour", TYPE_OPC}, {"toner", TYPE_TONER},
		{"ink", TYPE_INK}, {"print head", TYPE_OTHER}};
	uint64_t found = words_in(description, words, COUNT(words));
	return found != 0 ? words[lowest(found)].means : 0;
}

/* ---- parts that wear -------------------------------------------------------------------- */

static bool is_wearing(const struct supply *s)
{
	static const struct word_row words[] = {{"kit", 0}, {"roller", 0}, {"roll", 0}, {"belt", 0},
		{"drum", 0}, {"imaging unit", 0}, {"photoconductor", 0}, {"fuser", 0},
		{"fusing", 0}, {"transfer", 0}, {"separat", 0}, {"retard", 0}, {"pad", 0},
		{"developer unit", 0}, {"filter", 0}, {"maintenance unit", 0}};
	/* opc, developer, fuserOil, fuser, coronaWire, fuserOilWick, cleanerUnit,
	 * fuserCleaningPad, transferUnit, fuserOiler */
	static const uint8_t types[] = {9, 10, 11, 15, 16, 17, 18, 19, 20, 22};
	if (memchr(types, s->type, sizeof types) != NULL)
		return true;
	if (s->type > TYPE_UNKNOWN)
		return false;
	return words_in(s->description, words, COUNT(words)) != 0;
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
	/* A level above its maximum, or without unit and maximum (supply_set_level_kind), is a
	 * count of something: neither left nor used. A level in percent without a maximum has the
	 * maximum 100. */
	bool has_max = s->has_max && s->max > 0;
	bool is_count = has_max ? s->level > s->max : s->unit == 0;
	/* So is the number of a receptacle (a belt cleaner) without a direction. */
	is_count = is_count || (percent < 0 && supply_is_receptacle(s));
	m->life = has_max ? s->max : percent >= 0 ? 100 : -1;
	m->left = s->has_level && s->level >= 0 && !is_count ? s->level : -1;
	if (m->left >= 0 && s->direction == DIRECTION_FILL_LEVEL)
		m->left = m->life - m->left;
	m->used = percent >= 0 && m->life >= m->left ? m->life - m->left : -1;
	m->percent_x100 = percent >= 0 ? (int32_t)(percent * 100 + 0.5) : -1;
	return true;
}

void mib_conclude_parts(struct mib_plan *plan, struct reading *r)
{
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		if (is_wearing(s) && !add_part(r, s)) {
			plan->groups_broken |= 1u << GROUP_MAINTENANCE;
			return;
		}
	}
}
