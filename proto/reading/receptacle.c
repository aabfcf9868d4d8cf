/* SPDX-License-Identifier: Apache-2.0
 * Receptacles: what they are, and what alerts say of them. */
#include "proto/reading/reading.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Words in lower case, of two letters or more. */
struct word_list {
	const char *first; /* their first letters, each once */
	const char *const *word;
	size_t count;
};

static uint32_t letter_bit(char c)
{
	return UINT32_C(1) << ((unsigned char)c & 31);
}

/* Whether one of the words stands in the text, from the beginning of a word on. */
static bool has_word(struct text t, const struct word_list *list)
{
	uint32_t letters = 0;
	for (const char *c = list->first; *c != '\0'; c++)
		letters |= letter_bit(*c);
	for (size_t i = 0; i + 1 < t.len; i++) {
		if ((letters & letter_bit(t.p[i])) == 0 ||
			(i > 0 && isalnum((unsigned char)t.p[i - 1])))
			continue;
		for (size_t k = 0; k < list->count; k++) {
			const char *word = list->word[k];
			/* Two letters exclude most words. */
			if ((t.p[i] | 0x20) != word[0] || (t.p[i + 1] | 0x20) != (word[1] | 0x20))
				continue;
			size_t n = strlen(word);
			if (n <= t.len - i && strncasecmp(t.p + i, word, n) == 0)
				return true;
		}
	}
	return false;
}

static bool names_receptacle(struct text t)
{
	static const char *const words[] = {"waste", "used toner", "toner collect", "ink collect",
		"collection unit", "maintenance box", "maintenance cartridge", "maintenance tank",
		"ink capture", "ink absorber", "resttoner", "alttoner", "tonerabfall",
		"tonersammel",
		("r\xc3\xa9"
		 "cup\xc3\xa9rat"),
		"toner usag", "collecteur de toner", "toner di scarto", "recupero toner",
		"toner residu", "t\xc3\xb3ner residu", "toner usado", "tonerafval",
		"\xe5\xbb\x83\xe3\x83\x88",
		"\xe3\x83\x88\xe3\x83\x8a\xe3\x83\xbc\xe5\x9b\x9e\xe5\x8f\x8e", "\xe5\xba\x9f"};
	static const struct word_list list = {
		"acimrtuw\xe3\xe5", words, sizeof words / sizeof words[0]};
	return has_word(t, &list);
}

bool supply_is_receptacle(const struct supply *s)
{
	return s->supply_class == CLASS_RECEPTACLE ||
	       strncmp(supply_type_name(s->type), "waste_", 6) == 0 ||
	       names_receptacle(s->description);
}

bool supply_counts_down(const struct supply *s)
{
	/* PrtMarkerSuppliesTypeTC: opc, developer, fuserOil, fuser, coronaWire, fuserOilWick,
	 * cleanerUnit, fuserCleaningPad, transferUnit, fuserOiler */
	static const uint8_t wearing[] = {9, 10, 11, 15, 16, 17, 18, 19, 20, 22};
	enum { TYPE_OTHER = 1 };
	return s->supply_class != CLASS_OTHER && s->type != TYPE_OTHER &&
	       memchr(wearing, s->type, sizeof wearing) == NULL && !supply_is_receptacle(s);
}

/* ---- alerts ----------------------------------------------------------------------------- */

/* PrtAlertCodeTC. */
enum {
	CODE_LIFE_ALMOST_OVER = 10,
	CODE_LIFE_OVER = 11,
	CODE_ALMOST_FULL = 14,
	CODE_FULL = 15,
	CODE_NEAR_LIMIT = 16,
	CODE_AT_LIMIT = 17,
	CODE_WASTE_TONER_ALMOST_FULL = 1107,
	CODE_WASTE_INK_ALMOST_FULL = 1108,
	CODE_WASTE_TONER_FULL = 1109,
	CODE_WASTE_INK_FULL = 1110,
	GROUP_MARKER_SUPPLIES = 11,
	TYPE_WASTE_TONER = 4,
	TYPE_WASTE_INK = 8
};

/* The level that an alert's code states for the supply of its row. */
static enum level_kind code_of(int code)
{
	switch (code) {
	case CODE_LIFE_ALMOST_OVER:
	case CODE_ALMOST_FULL:
	case CODE_NEAR_LIMIT:
	case CODE_WASTE_TONER_ALMOST_FULL:
	case CODE_WASTE_INK_ALMOST_FULL:
		return LEVEL_ALMOST_FULL;
	case CODE_LIFE_OVER:
	case CODE_FULL:
	case CODE_AT_LIMIT:
	case CODE_WASTE_TONER_FULL:
	case CODE_WASTE_INK_FULL:
		return LEVEL_FULL;
	default:
		return LEVEL_UNKNOWN;
	}
}

/* A vendor's code: the description, if it is English. */
static enum level_kind words_of(struct text t)
{
	static const char *const full_words[] = {"full", "replace"};
	static const char *const almost_words[] = {"near", "almost", "soon", "low"};
	static const struct word_list full = {
		"fr", full_words, sizeof full_words / sizeof full_words[0]};
	static const struct word_list almost = {
		"alns", almost_words, sizeof almost_words / sizeof almost_words[0]};
	if (!names_receptacle(t) || !has_word(t, &full))
		return LEVEL_UNKNOWN;
	return has_word(t, &almost) ? LEVEL_ALMOST_FULL : LEVEL_FULL;
}

static bool is_of_type(int code, const struct supply *s)
{
	bool is_ink = code == CODE_WASTE_INK_ALMOST_FULL || code == CODE_WASTE_INK_FULL;
	return code >= CODE_WASTE_TONER_ALMOST_FULL && code <= CODE_WASTE_INK_FULL &&
	       s->type != (is_ink ? TYPE_WASTE_TONER : TYPE_WASTE_INK);
}

enum level_kind alert_of_receptacle(const struct alert *a, const struct supply *s)
{
	enum level_kind kind = code_of(a->code);
	bool has_row = a->group == GROUP_MARKER_SUPPLIES && a->group_index > 0;
	bool is_this = has_row && (uint32_t)a->group_index == s->index;
	if (kind == LEVEL_UNKNOWN)
		return !has_row || is_this ? words_of(a->description) : LEVEL_UNKNOWN;
	return is_this || (!has_row && is_of_type(a->code, s)) ? kind : LEVEL_UNKNOWN;
}

void reading_apply_alerts(struct reading *r)
{
	for (struct supply *s = r->supplies; s != NULL; s = s->next) {
		if (s->level_kind == LEVEL_PERCENT || !supply_is_receptacle(s))
			continue; /* a known direction says more */
		for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
			enum level_kind kind = alert_of_receptacle(a, s);
			if (kind == LEVEL_FULL ||
				(kind == LEVEL_ALMOST_FULL && s->level_kind != LEVEL_FULL))
				s->level_kind = (uint8_t)kind;
		}
	}
}
