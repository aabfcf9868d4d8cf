/* SPDX-License-Identifier: Apache-2.0
 * Recognition of a device by its texts and sysObjectID. Each vendor of the model files scores
 * points, as docs/models.md lists. */
#include "proto/model/model.h"

#include "proto/base/placeholder.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* 1284 device id, first word of hrDeviceDescr, another word of it, word of sysDescr, object id. */
enum { POINTS_ID = 8, POINTS_FIRST = 4, POINTS_DESCR = 3, POINTS_SYSTEM = 2, POINTS_OBJECT = 1 };

enum { LONG_WORD = 5 };

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* A text with the offsets of its words and the first two letters of each, which exclude nearly all
 * of the vendors' words. second[a]: the letters that follow an `a`; after a word of one letter, a
 * blank. Case is ignored. */
struct phrase {
	struct text text;
	uint64_t second[64];
	uint16_t starts;
	uint16_t start[LIMIT_TEXT_LONG];
};

static unsigned letter(char c)
{
	return (c | 0x20) & 63;
}

static uint64_t letter_bit(char c)
{
	return UINT64_C(1) << letter(c);
}

static void phrase_set(struct phrase *p, struct text t)
{
	bool is_inside = false; /* of a word */
	memset(p->second, 0, sizeof p->second);
	p->text = t;
	p->starts = 0;
	for (size_t i = 0; i < t.len && i < LIMIT_TEXT_LONG; i++) {
		if (!is_inside) {
			p->second[letter(t.p[i])] |= letter_bit(i + 1 < t.len ? t.p[i + 1] : ' ');
			p->start[p->starts++] = (uint16_t)i;
		}
		is_inside = is_word_char(t.p[i]);
	}
}

static bool may_have(const struct phrase *p, struct text word)
{
	uint64_t second = word.len > 0 ? p->second[letter(word.p[0])] : 0;
	return word.len > 1 ? (second & letter_bit(word.p[1])) != 0 : second != 0;
}

/* The offset of `word` (lower case) as a whole word; the text's length if it is not there. A number
 * may follow a word of five letters or more: "e-STUDIO2505AC". */
static size_t find_word(const struct phrase *p, struct text word)
{
	struct text t = p->text;
	if (!may_have(p, word))
		return t.len;
	for (unsigned s = 0; s < p->starts && p->start[s] + word.len <= t.len; s++) {
		size_t i = p->start[s], end = i + word.len;
		/* Two letters exclude most words. */
		if (letter(t.p[i]) != letter(word.p[0]) ||
			(word.len > 1 && letter(t.p[i + 1]) != letter(word.p[1])))
			continue;
		bool ends = end == t.len || !is_word_char(t.p[end]) ||
			    !is_word_char(word.p[word.len - 1]) ||
			    (word.len >= LONG_WORD && isdigit((unsigned char)t.p[end]));
		if (ends && strncasecmp(t.p + i, word.p, word.len) == 0)
			return i;
	}
	return t.len;
}

static bool has_word(const struct phrase *p, struct text word)
{
	return find_word(p, word) < p->text.len;
}

/* ---- IEEE 1284 device ids --------------------------------------------------------------- */

static bool is_key(struct text key, const char *name)
{
	return key.len == strlen(name) && strncasecmp(key.p, name, key.len) == 0;
}

/* The first value that is no placeholder counts: some ids repeat a key without a value. */
static void set_if_empty(struct text *to, struct text value)
{
	if (to->len == 0)
		*to = text_known(value);
}

void models_parse_device_id(
	struct text id, struct text *vendor, struct text *model, struct text *serial)
{
	struct text key, value, described = {NULL, 0};
	*vendor = *model = *serial = (struct text){NULL, 0};
	while (text_take_pair(&id, ':', &key, &value)) {
		if (is_key(key, "MFG") || is_key(key, "MANUFACTURER"))
			set_if_empty(vendor, value);
		else if (is_key(key, "MDL") || is_key(key, "MODEL"))
			set_if_empty(model, value);
		else if (is_key(key, "SN") || is_key(key, "SERN") || is_key(key, "SERIALNUMBER"))
			set_if_empty(serial, value);
		else if (is_key(key, "DES") || is_key(key, "DESCRIPTION"))
			set_if_empty(&described, value);
	}
	if (model->len == 0)
		*model = described;
}

/* ---- the best row ----------------------------------------------------------------------- */

/* The texts of a device, prepared once. */
struct said {
	struct phrase vendor; /* of the 1284 id */
	struct phrase descr;
	struct phrase system;
	struct oid_ber object;
};

struct score {
	unsigned points;
	size_t object_len; /* of the object id that matches; 0: none */
	size_t place;      /* offset of the word that scored; SIZE_MAX: none */
};

static size_t object_fit(
	const struct models *set, unsigned first, unsigned count, struct oid_ber object)
{
	size_t best = 0;
	for (unsigned i = 0; i < count; i++) {
		struct oid_ber prefix = set->oid[first + i];
		if (prefix.len > best && object.len >= prefix.len &&
			oid_ber_has_prefix(object, prefix))
			best = prefix.len;
	}
	return best;
}

static unsigned word_points(struct text word, const struct said *said, size_t *place)
{
	size_t at = *place = find_word(&said->descr, word);
	if (at == 0 && said->descr.text.len > 0)
		return POINTS_FIRST;
	if (at < said->descr.text.len)
		return POINTS_DESCR;
	*place = find_word(&said->system, word);
	return *place < said->system.text.len ? POINTS_SYSTEM : 0;
}

/* The first name in a text counts: "Xerox Phaser 3300MFP; ..., Epson 2.0" and "... compatible with
 * an HP JETDIRECT" list emulations after it. */
static bool is_better(const struct score *a, const struct score *b)
{
	if (a->points != b->points)
		return a->points > b->points;
	if (a->object_len != b->object_len)
		return a->object_len > b->object_len;
	return a->place < b->place;
}

static struct score score_of(
	const struct models *set, const struct model_vendor *m, const struct said *said)
{
	struct score s = {.place = SIZE_MAX};
	s.object_len = object_fit(set, m->first_object, m->object_count, said->object);
	if (m->needs_object && s.object_len == 0)
		return s;
	unsigned by_words = 0, by_id = 0;
	for (unsigned i = 0; i < m->word_count; i++) {
		size_t place;
		unsigned points = word_points(set->word[m->first_word + i], said, &place);
		if (points > by_words || (points == by_words && points > 0 && place < s.place))
			s.place = place;
		by_words = points > by_words ? points : by_words;
	}
	for (unsigned i = 0; i < m->vendor_count && by_id == 0; i++) {
		if (has_word(&said->vendor, set->word[m->first_vendor + i]))
			by_id = POINTS_ID;
	}
	s.points = by_words + by_id + (s.object_len > 0 ? POINTS_OBJECT : 0);
	return s;
}

int models_recognise(const struct models *set, struct text device_id, struct text device_descr,
	struct text sys_descr, const struct oid_ber *sys_object_id, struct model_match *ret)
{
	struct said said;
	struct text id_vendor, model, serial;
	struct score best = {.place = SIZE_MAX};
	models_parse_device_id(device_id, &id_vendor, &model, &serial);
	phrase_set(&said.vendor, id_vendor);
	phrase_set(&said.descr, text_trimmed(device_descr));
	phrase_set(&said.system, text_trimmed(sys_descr));
	said.object = sys_object_id != NULL ? *sys_object_id : (struct oid_ber){NULL, 0};
	for (unsigned f = 0; f < set->count; f++) {
		for (unsigned i = 0; i < set->model[f].vendor_count; i++) {
			unsigned vendor = set->model[f].first_vendor + i;
			struct score s = score_of(set, &set->vendor[vendor], &said);
			if (s.points == 0 || !is_better(&s, &best))
				continue;
			best = s;
			*ret = (struct model_match){.model = (uint16_t)f,
				.vendor = (uint16_t)vendor,
				.points = (uint16_t)s.points};
		}
	}
	return best.points > 0 ? 0 : ERR_NAME;
}

/* Whether `word` is in t as a whole word, or with a number after it ("canon mf" in "Canon MF8170").
 */
static bool has_printer_word(struct text t, struct text word)
{
	for (size_t i = 0; word.len > 0 && i + word.len <= t.len; i++) {
		size_t end = i + word.len;
		bool begins = i == 0 || !is_word_char(t.p[i - 1]);
		bool ends = end == t.len || !is_word_char(t.p[end]) ||
			    isdigit((unsigned char)t.p[end]) || !is_word_char(word.p[word.len - 1]);
		if (begins && ends && strncasecmp(t.p + i, word.p, word.len) == 0)
			return true;
	}
	return false;
}

bool models_is_printer(const struct models *set, const struct model_vendor *vendor,
	struct text device_descr, struct text sys_descr, struct oid_ber sys_object_id)
{
	for (unsigned i = 0; i < vendor->printer_word_count; i++) {
		struct text word = set->word[vendor->first_printer_word + i];
		if (has_printer_word(device_descr, word) || has_printer_word(sys_descr, word))
			return true;
	}
	return object_fit(set, vendor->first_printer_object, vendor->printer_object_count,
		       sys_object_id) > 0;
}
