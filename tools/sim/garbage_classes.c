/* SPDX-License-Identifier: Apache-2.0
 * The replacements of each class. A case number is a mixed-radix number of choices: the value of
 * the message, the shape, corrected lengths or not. */
#include "tools/sim/garbage_internal.h"

#include "proto/smi/varbind.h"
#include "tools/sim/ber.h"

#include <string.h>

const char *const garbage_names[GARBAGE_CLASSES] = {"length", "tag", "depth", "integer", "oid",
	"string", "value", "row", "field", "cut", "flip"};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* The next choice of a case number. */
static size_t choose(size_t *number, size_t of)
{
	size_t choice = *number % of;
	*number /= of;
	return choice;
}

/* ---- which values a class damages --------------------------------------------------------- */

static bool is_integer(uint8_t tag)
{
	return tag == BER_INTEGER || (tag >= BER_COUNTER32 && tag <= BER_TIMETICKS) ||
	       tag == BER_COUNTER64;
}

static bool is_target(const struct garbage_node *n, enum garbage_class c)
{
	switch (c) {
	case GARBAGE_INTEGER:
		return is_integer(n->tag);
	case GARBAGE_OID:
		return n->tag == BER_OID;
	case GARBAGE_STRING:
		return n->tag == BER_OCTETS || n->is_value;
	case GARBAGE_VALUE:
		return n->is_value;
	case GARBAGE_ROW:
		return n->is_list;
	case GARBAGE_FIELD:
		return !n->is_value && (n->tag == BER_OCTETS || n->tag == BER_INTEGER);
	case GARBAGE_LENGTH:
	case GARBAGE_TAG:
	case GARBAGE_DEPTH:
		return true;
	case GARBAGE_CUT:
	case GARBAGE_FLIP:
	case GARBAGE_CLASSES:
		break;
	}
	return false;
}

static size_t targets(const struct garbage *g, enum garbage_class c)
{
	size_t n = 0;
	for (size_t i = 0; i < g->nodes; i++)
		n += is_target(&g->node[i], c);
	return n;
}

static size_t choose_target(const struct garbage *g, enum garbage_class c, size_t *number)
{
	size_t left = choose(number, targets(g, c));
	for (size_t i = 0;; i++) {
		if (is_target(&g->node[i], c) && left-- == 0)
			return i;
	}
}

/* ---- length ------------------------------------------------------------------------------- */

struct bytes {
	uint8_t n;
	uint8_t b[10];
};

static const struct bytes lengths[] = {{1, {0}}, {1, {1}}, {1, {0x7f}}, {1, {0x80}}, {1, {0xff}},
	{2, {0x81, 0}}, {2, {0x81, 0x7f}}, {2, {0x81, 0x80}}, {2, {0x81, 0xff}}, {3, {0x82, 0, 0}},
	{3, {0x82, 0x7f, 0xff}}, {3, {0x82, 0xff, 0xff}}, {4, {0x83, 0xff, 0xff, 0xff}},
	{5, {0x84, 0, 0, 0, 0}}, {5, {0x84, 0x7f, 0xff, 0xff, 0xff}}, {5, {0x84, 0x80, 0, 0, 0}},
	{5, {0x84, 0xff, 0xff, 0xff, 0xff}}, {6, {0x85, 1, 0, 0, 0, 0}},
	{9, {0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
	{9, {0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}, {2, {0xfe, 0xff}}};

enum { LENGTHS_OWN = 12 }; /* made from the true one */

static void put_own_length(struct garbage *g, size_t len, size_t shape)
{
	static const int64_t off[] = {-1, 1, -2, 2, 127, 128, 255, 256};
	uint8_t head[3];
	if (shape < COUNT(off)) {
		int64_t n = (int64_t)len + off[shape];
		garbage_put(g, head, ber_put_len(head, n < 0 || n > 65535 ? 0 : (size_t)n));
		return;
	}
	/* The true length in more bytes than needed: valid BER that some decoders refuse. */
	size_t wide = (size_t[]){1, 2, 4, 8}[shape - COUNT(off)];
	garbage_put_byte(g, 0x80u | (unsigned)wide);
	for (size_t i = wide; i-- > 0;)
		garbage_put_byte(g, i < sizeof len ? (unsigned)(len >> 8 * i) : 0);
}

static void make_length(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_LENGTH, &number);
	size_t shape = choose(&number, COUNT(lengths) + LENGTHS_OWN);
	const struct garbage_node *n = &g->node[node];
	garbage_put_byte(g, n->tag);
	if (shape < COUNT(lengths))
		garbage_put(g, lengths[shape].b, lengths[shape].n);
	else
		put_own_length(g, n->len, shape - COUNT(lengths));
	garbage_put_contents(g, n);
	garbage_replace(g, node, choose(&number, 2) == 0);
}

/* ---- tag and depth ------------------------------------------------------------------------ */

static const struct bytes long_tags[] = {{2, {0x1f, 0x04}}, {3, {0x1f, 0x81, 0x01}},
	{6, {0x1f, 0xff, 0xff, 0xff, 0xff, 0x7f}}, {3, {0x3f, 0x80, 0x10}}};

static void make_tag(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_TAG, &number);
	size_t shape = choose(&number, 256 + COUNT(long_tags));
	const struct garbage_node *n = &g->node[node];
	uint8_t head[3];
	if (shape < 256)
		garbage_put_byte(g, (unsigned)shape);
	else
		garbage_put(g, long_tags[shape - 256].b, long_tags[shape - 256].n);
	garbage_put(g, head, ber_put_len(head, n->len));
	garbage_put_contents(g, n);
	garbage_replace(g, node, true);
}

enum { DEPTH_SHAPES = 5, DEPTH_MAX = 4000 };
static const uint16_t depths[] = {1, 2, 8, 64, 256, 1000, DEPTH_MAX};

/* Length of each level's contents: all deeper levels and `core` bytes. */
static void nest(uint32_t *size, size_t depth, size_t core)
{
	for (size_t i = depth; i-- > 0;) {
		size[i] = (uint32_t)core;
		core += 1 + ber_len_size(core);
	}
}

static void make_depth(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_DEPTH, &number);
	size_t shape = choose(&number, DEPTH_SHAPES);
	size_t depth = depths[choose(&number, COUNT(depths))];
	const struct garbage_node *n = &g->node[node];
	static const uint8_t tag[DEPTH_SHAPES] = {0x30, 0x24, 0xa2, 0x30, 0x24};
	bool is_indefinite = shape >= 3;
	uint32_t size[DEPTH_MAX];
	nest(size, depth, n->head + n->len);
	for (size_t i = 0; i < depth; i++) {
		if (is_indefinite) {
			garbage_put_byte(g, tag[shape]);
			garbage_put_byte(g, 0x80);
		} else {
			garbage_put_head(g, tag[shape], size[i]);
		}
	}
	garbage_put(g, g->response + n->at, n->head + n->len);
	for (size_t i = 0; is_indefinite && shape == 4 && i < depth; i++)
		garbage_put(g, "\0", 2);
	garbage_replace(g, node, true);
}

/* ---- numbers ------------------------------------------------------------------------------ */

static const int64_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 12, 18, 19, 20, 127, 128, 255, 256, 32767,
	65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, INT64_MAX, -1, -2, -128,
	-129, -32768, INT32_MIN, (int64_t)INT32_MIN - 1, INT64_MIN};
/* First byte and the rest. */
static const uint8_t patterns[][2] = {
	{0, 0}, {0xff, 0xff}, {0x7f, 0xff}, {0x80, 0}, {0, 0xff}, {0xff, 0}, {0x01, 0x55}};
enum { WIDTHS = 65 };

static void put_pattern(struct garbage *g, size_t pattern, size_t n)
{
	for (size_t i = 0; i < n; i++)
		garbage_put_byte(g, patterns[pattern][i > 0]);
}

static void make_integer(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_INTEGER, &number);
	const struct garbage_node *n = &g->node[node];
	size_t shape = choose(&number, COUNT(numbers) + COUNT(patterns) * WIDTHS);
	if (shape < COUNT(numbers)) {
		uint8_t value[8];
		size_t len = ber_put_i64(value, numbers[shape]);
		garbage_put_head(g, n->tag, len);
		garbage_put(g, value, len);
	} else {
		size_t width = (shape - COUNT(numbers)) / COUNT(patterns);
		garbage_put_head(g, n->tag, width);
		put_pattern(g, shape % COUNT(patterns), width);
	}
	garbage_replace(g, node, true);
}

/* ---- object identifiers ------------------------------------------------------------------- */

static const uint16_t subid_counts[] = {0, 1, 2, 3, 10, 126, 127, 128, 129, 130, 255, 1000, 4000};
static const struct bytes subids[] = {{1, {1}}, {1, {0}}, {5, {0x8f, 0xff, 0xff, 0xff, 0x7f}},
	{5, {0x90, 0x80, 0x80, 0x80, 0}}, {5, {0xff, 0xff, 0xff, 0xff, 0x7f}}, {2, {0x80, 1}},
	{10, {0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}}, {1, {0x81}}};
enum { OID_NEAR = 8 }; /* close to the true one */

static void put_near_oid(struct garbage *g, const struct garbage_node *n, size_t shape)
{
	const uint8_t *p = g->response + n->at + n->head;
	size_t cut = shape == 0 ? 1 : shape == 1 ? n->len / 2 : shape == 2 ? n->len : 0;
	size_t len = n->len > cut ? n->len - cut : 0;
	static const struct bytes more[OID_NEAR] = {{0}, {0}, {0}, {1, {0}}, {1, {1}},
		{2, {0x80, 0}}, {1, {0x80}}, {5, {0xff, 0xff, 0xff, 0xff, 0xff}}};
	garbage_put_head(g, BER_OID, len + more[shape].n);
	garbage_put(g, p, len);
	garbage_put(g, more[shape].b, more[shape].n);
}

static void make_oid(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_OID, &number);
	size_t shape = choose(&number, OID_NEAR + 2 * COUNT(subids) * COUNT(subid_counts));
	if (shape < OID_NEAR) {
		put_near_oid(g, &g->node[node], shape);
		garbage_replace(g, node, true);
		return;
	}
	shape -= OID_NEAR;
	const struct bytes *sub = &subids[choose(&shape, COUNT(subids))];
	size_t count = subid_counts[choose(&shape, COUNT(subid_counts))];
	bool is_plain = shape == 0; /* begins with 1.3, as every name here */
	garbage_put_head(g, BER_OID, is_plain + count * sub->n);
	if (is_plain)
		garbage_put_byte(g, 0x2b);
	for (size_t i = 0; i < count; i++)
		garbage_put(g, sub->b, sub->n);
	garbage_replace(g, node, true);
}

/* ---- text --------------------------------------------------------------------------------- */

static const uint16_t text_lengths[] = {0, 1, 2, 7, 31, 32, 33, 63, 64, 65, 127, 128, 129, 254, 255,
	256, 257, 1023, 1024, 1025, 1400, 4096, 8000, 16384, 32768, 65000};
static const struct text_kind {
	uint8_t n;
	const char *p;
} junk[] = {{1, "\0"}, {1, "A"}, {1, "\xff"}, {6, "%s%n%x"}, {2, "\xc0\x80"}, {3, "\xed\xa0\x80"},
	{4, "\xf4\x90\x80\x80"}, {1, "\x80"}, {1, "\xf0"}, {4, "\x1b[2J"}, {3, "../"},
	{8, "<script>"}, {6, "=cmd|'"}, {2, "\r\n"}, {3, "\xe2\x80\xae"}, {5, "\"';--"},
	{2, "\x30\x80"}, {3, "A\0B"}};

static void make_string(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_STRING, &number);
	const struct text_kind *kind = &junk[choose(&number, COUNT(junk))];
	size_t len = text_lengths[choose(&number, COUNT(text_lengths))];
	garbage_put_head(g, BER_OCTETS, len);
	for (size_t at = 0; at < len; at += kind->n)
		garbage_put(g, kind->p, len - at < kind->n ? len - at : kind->n);
	garbage_replace(g, node, true);
}

/* ---- types -------------------------------------------------------------------------------- */

static const uint8_t types[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x09, 0x0a, 0x0c, 0x1e,
	0x1f, 0x24, 0x30, 0x31, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x60, 0x80,
	0x81, 0x82, 0x83, 0xa0, 0xa1, 0xa2, 0xa5, 0xa8, 0xbf, 0xff};
enum { CONTENTS = 21 };

static void make_value(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_VALUE, &number);
	uint8_t type = types[choose(&number, COUNT(types))];
	size_t pattern = choose(&number, COUNT(patterns));
	size_t len = choose(&number, CONTENTS);
	garbage_put_head(g, type, len);
	put_pattern(g, pattern, len);
	garbage_replace(g, node, true);
}

/* ---- varbinds ----------------------------------------------------------------------------- */

static const uint16_t row_counts[] = {0, 1, 2, 3, 5, 10, 20, 50, 100, 126, 127, 128, 129, 130, 200,
	255, 256, 257, 500, 999, 1000, 1001, 1500, 2000};
static const struct bytes rows[] = {{0}, /* a copy of the first true one */
	{2, {0x30, 0}}, {2, {0x05, 0}}, {6, {0x30, 4, 0x06, 2, 0x2b, 6}},
	{6, {0x30, 4, 0x06, 0, 0x05, 0}}, {8, {0x30, 6, 0x06, 2, 0x2b, 6, 0x82, 0}},
	{8, {0x30, 6, 0x06, 2, 0x2b, 6, 0x05, 0}}, {9, {0x30, 7, 0x06, 2, 0x2b, 6, 0x41, 1, 0xff}},
	{10, {0x30, 8, 0x06, 2, 0x2b, 6, 0x05, 0, 0x05, 0}}, {4, {0x30, 2, 0x05, 0}},
	{8, {0x30, 6, 0x05, 0, 0x06, 2, 0x2b, 6}}, {3, {0x02, 1, 1}}};
enum { ROW_VARIANTS = 3 }; /* alone, behind the true ones, before them */

static void make_row(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_ROW, &number);
	const struct garbage_node *list = &g->node[node];
	size_t kind = choose(&number, COUNT(rows)),
	       count = row_counts[choose(&number, COUNT(row_counts))];
	size_t variant = choose(&number, ROW_VARIANTS);
	const uint8_t *p = rows[kind].b;
	size_t n = rows[kind].n;
	for (size_t i = 0; n == 0 && i < g->nodes; i++) {
		if (g->node[i].is_row) {
			p = g->response + g->node[i].at;
			n = g->node[i].head + g->node[i].len;
		}
	}
	garbage_put_head(g, BER_SEQUENCE, count * n + (variant > 0 ? list->len : 0));
	if (variant == 1)
		garbage_put_contents(g, list);
	for (size_t i = 0; i < count; i++)
		garbage_put(g, p, n);
	if (variant == 2)
		garbage_put_contents(g, list);
	garbage_replace(g, node, true);
}

/* ---- header fields ------------------------------------------------------------------------ */

enum { FIELD_BYTES = 256, FIELD_LENGTHS = 81 };

static void make_field(struct garbage *g, size_t number)
{
	size_t node = choose_target(g, GARBAGE_FIELD, &number);
	const struct garbage_node *n = &g->node[node];
	size_t shape = choose(&number, FIELD_BYTES + 2 * FIELD_LENGTHS);
	if (shape < FIELD_BYTES) {
		/* Its last byte, in all its values: flags, versions, models, a digest nearly right.
		 */
		size_t len = n->len > 0 ? n->len : 1;
		garbage_put_head(g, n->tag, len);
		garbage_put(g, g->response + n->at + n->head, len - 1);
		garbage_put_byte(g, (unsigned)shape);
	} else {
		/* Truncated, or padded with zeros or its own beginning. */
		size_t len = (shape - FIELD_BYTES) / 2;
		garbage_put_head(g, n->tag, len);
		for (size_t i = 0; i < len; i++) {
			bool is_own = n->len > 0 && (i < n->len || shape % 2 == 1);
			garbage_put_byte(g, is_own ? g->response[n->at + n->head + i % n->len] : 0);
		}
	}
	garbage_replace(g, node, true);
}

/* ---- frames ------------------------------------------------------------------------------- */

enum { CUT_WAYS = 3, CUT_MORE = 96, ECHOES = 12, ECHOES_OF_RESPONSE = 2 };

static void make_echo(struct garbage *g, size_t shape)
{
	if (shape == 0) { /* the response in a response */
		garbage_put_head(g, BER_SEQUENCE, g->response_len);
		garbage_put(g, g->response, g->response_len);
	} else if (shape == 1) { /* twice in one datagram */
		garbage_put(g, g->response, g->response_len);
		garbage_put(g, g->response, g->response_len);
	} else { /* the request: unchanged, or with another PDU type */
		garbage_put(g, g->request, g->request_len);
		for (size_t i = 0; shape > 2 && i < g->piece_len && i < 64; i++) {
			if (g->piece[i] >= 0xa0 && g->piece[i] <= 0xa8) {
				g->piece[i] = (uint8_t)(0xa0 + shape - 3);
				break;
			}
		}
	}
}

static void make_cut(struct garbage *g, size_t number)
{
	size_t len = g->response_len;
	if (number < CUT_WAYS * len) {
		size_t at = number / CUT_WAYS;
		garbage_put(g, g->response, at);
		for (size_t i = at; number % CUT_WAYS != 0 && i < len; i++)
			garbage_put_byte(g, number % CUT_WAYS == 1 ? 0 : 0xff);
	} else if (number < CUT_WAYS * len + CUT_MORE) {
		size_t more = number - CUT_WAYS * len;
		garbage_put(g, g->response, len);
		for (size_t i = 0; i <= more / 3; i++)
			garbage_put_byte(g, (const uint8_t[]){0, 0xff, 0x30}[more % 3]);
	} else {
		make_echo(g, number - CUT_WAYS * len - CUT_MORE);
	}
	garbage_replace_all(g);
}

static uint64_t next_random(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15ull;
	uint64_t z = *state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static void make_flip(struct garbage *g, size_t number)
{
	uint64_t state = number;
	garbage_put(g, g->response, g->response_len);
	for (size_t i = 0; i <= number % 8; i++) {
		uint64_t r = next_random(&state);
		uint8_t *at = g->piece + (r >> 16) % g->piece_len;
		*at = (uint8_t)((r & 0x100) != 0 ? r : *at ^ 1u << (r & 7));
	}
	garbage_replace_all(g);
}

/* ---- by class ----------------------------------------------------------------------------- */

static size_t shapes(enum garbage_class c)
{
	switch (c) {
	case GARBAGE_LENGTH:
		return (COUNT(lengths) + LENGTHS_OWN) * 2;
	case GARBAGE_TAG:
		return 256 + COUNT(long_tags);
	case GARBAGE_DEPTH:
		return DEPTH_SHAPES * COUNT(depths);
	case GARBAGE_INTEGER:
		return COUNT(numbers) + COUNT(patterns) * WIDTHS;
	case GARBAGE_OID:
		return OID_NEAR + 2 * COUNT(subids) * COUNT(subid_counts);
	case GARBAGE_STRING:
		return COUNT(junk) * COUNT(text_lengths);
	case GARBAGE_VALUE:
		return COUNT(types) * COUNT(patterns) * CONTENTS;
	case GARBAGE_ROW:
		return COUNT(rows) * COUNT(row_counts) * ROW_VARIANTS;
	case GARBAGE_FIELD:
		return FIELD_BYTES + 2 * FIELD_LENGTHS;
	case GARBAGE_CUT:
	case GARBAGE_FLIP:
	case GARBAGE_CLASSES:
		break;
	}
	return 0;
}

size_t garbage_cases(const struct garbage *g, enum garbage_class c)
{
	if (c == GARBAGE_CUT)
		return CUT_WAYS * g->response_len + CUT_MORE +
		       (g->request != NULL ? ECHOES : ECHOES_OF_RESPONSE);
	if (c == GARBAGE_FLIP)
		return GARBAGE_FLIPS;
	return targets(g, c) * shapes(c);
}

void garbage_class_make(struct garbage *g, enum garbage_class c, size_t number)
{
	static void (*const make[GARBAGE_CLASSES])(struct garbage *, size_t) = {make_length,
		make_tag, make_depth, make_integer, make_oid, make_string, make_value, make_row,
		make_field, make_cut, make_flip};
	make[c](g, number);
}
