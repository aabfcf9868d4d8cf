/* SPDX-License-Identifier: Apache-2.0
 * Parses the response into a list of values and builds the message with one of them replaced.
 * garbage_classes.c makes the replacements. */
#include "tools/sim/garbage_internal.h"

#include "proto/smi/varbind.h"
#include "tools/sim/ber.h"

#include <string.h>

/* ---- parsing ---------------------------------------------------------------------------- */

enum { PDU_TAGS = 0xa0, CLASS_BITS = 0xe0, CONSTRUCTED = 0x20 };

static bool is_holder(const struct garbage *g, const struct garbage_node *n)
{
	if ((n->tag & CONSTRUCTED) != 0)
		return true;
	/* SNMPv3 wraps its security parameters, and an encrypted scopedPDU, in OCTET STRINGs. */
	const uint8_t *in = g->response + n->at + n->head;
	struct ber_in all = {in, in + n->len}, one;
	return n->tag == BER_OCTETS && n->parent == 0 && ber_take(&all, BER_SEQUENCE, &one) == 0 &&
	       all.p == all.end;
}

static void add_children(struct garbage *g, size_t parent)
{
	const struct garbage_node p = g->node[parent];
	bool is_pdu = p.parent >= 0 && (p.tag & CLASS_BITS) == PDU_TAGS;
	const uint8_t *from = g->response + p.at + p.head;
	struct ber_in all = {from, from + p.len}, one;
	uint8_t tag, before = 0;
	for (size_t i = 0; all.p != all.end && g->nodes < GARBAGE_NODES; i++) {
		const uint8_t *at = all.p;
		if ((p.is_list && i == GARBAGE_ROWS) || ber_take_any(&all, &tag, &one) < 0)
			return;
		g->node[g->nodes++] = (struct garbage_node){.at = (size_t)(at - g->response),
			.head = (size_t)(one.p - at),
			.len = (size_t)(one.end - one.p),
			.parent = (int)parent,
			.tag = tag,
			.is_list = is_pdu && tag == BER_SEQUENCE,
			.is_row = p.is_list,
			.is_value = p.is_row && before == BER_OID};
		before = tag;
	}
}

int garbage_open(struct garbage *g, const uint8_t *response, size_t response_len,
	const uint8_t *request, size_t request_len)
{
	if (response_len > GARBAGE_RESPONSE || request_len > GARBAGE_RESPONSE)
		return ERR_LIMIT;
	struct ber_in all = {response, response + response_len}, message;
	int err = ber_take(&all, BER_SEQUENCE, &message);
	if (err < 0 || all.p != all.end)
		return err < 0 ? err : ERR_FORMAT;
	g->response = response;
	g->response_len = response_len;
	g->request = request;
	g->request_len = request_len;
	g->node[0] = (struct garbage_node){.head = (size_t)(message.p - response),
		.len = (size_t)(message.end - message.p),
		.parent = -1,
		.tag = BER_SEQUENCE};
	g->nodes = 1;
	for (size_t i = 0; i < g->nodes; i++) {
		if (is_holder(g, &g->node[i]))
			add_children(g, i);
	}
	return 0;
}

/* ---- the new value ---------------------------------------------------------------------- */

void garbage_put(struct garbage *g, const void *bytes, size_t n)
{
	size_t left = GARBAGE_PIECE - g->piece_len;
	if (n > left)
		n = left;
	if (n > 0)
		memcpy(g->piece + g->piece_len, bytes, n);
	g->piece_len += n;
}

void garbage_put_byte(struct garbage *g, unsigned byte)
{
	uint8_t b = (uint8_t)byte;
	garbage_put(g, &b, 1);
}

void garbage_put_head(struct garbage *g, unsigned tag, size_t len)
{
	uint8_t head[3];
	garbage_put_byte(g, tag);
	garbage_put(g, head, ber_put_len(head, len < GARBAGE_PIECE ? len : GARBAGE_PIECE));
}

void garbage_put_contents(struct garbage *g, const struct garbage_node *n)
{
	garbage_put(g, g->response + n->at + n->head, n->len);
}

/* ---- building --------------------------------------------------------------------------- */

static void prepend(struct garbage *g, const uint8_t *bytes, size_t n)
{
	g->start -= n;
	memcpy(g->out + g->start, bytes, n);
}

static void append(struct garbage *g, const uint8_t *bytes, size_t n)
{
	memcpy(g->out + g->end, bytes, n);
	g->end += n;
}

static void begin(struct garbage *g)
{
	g->start = GARBAGE_RESPONSE + 4 * GARBAGE_NODES;
	g->end = g->start;
	append(g, g->piece, g->piece_len);
}

void garbage_replace(struct garbage *g, size_t node, bool is_fitted)
{
	const uint8_t *a = g->response;
	begin(g);
	if (!is_fitted) {
		const struct garbage_node *n = &g->node[node];
		size_t behind = n->at + n->head + n->len;
		prepend(g, a, n->at);
		append(g, a + behind, g->response_len - behind);
		return;
	}
	for (const struct garbage_node *n = &g->node[node]; n->parent >= 0;) {
		const struct garbage_node *p = &g->node[n->parent];
		size_t first = p->at + p->head, behind = n->at + n->head + n->len;
		prepend(g, a + first, n->at - first);
		append(g, a + behind, first + p->len - behind);
		size_t len = g->end - g->start;
		uint8_t head[4] = {p->tag};
		prepend(g, head, 1 + ber_put_len(head + 1, len < 65535 ? len : 65535));
		n = p;
	}
}

void garbage_replace_all(struct garbage *g)
{
	begin(g);
}

static size_t result(const struct garbage *g, const uint8_t **ret)
{
	size_t len = g->end - g->start;
	*ret = g->out + g->start;
	return len < GARBAGE_BYTES ? len : GARBAGE_BYTES;
}

size_t garbage_make(struct garbage *g, enum garbage_class c, size_t number, const uint8_t **ret)
{
	size_t cases = garbage_cases(g, c);
	g->piece_len = 0;
	g->start = g->end = 0;
	if (cases > 0)
		garbage_class_make(g, c, number % cases);
	return result(g, ret);
}

size_t garbage_all(const struct garbage *g)
{
	size_t n = 0;
	for (unsigned c = 0; c < GARBAGE_CLASSES; c++)
		n += garbage_cases(g, (enum garbage_class)c);
	return n;
}

static size_t common_divisor(size_t a, size_t b)
{
	while (b != 0) {
		size_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

size_t garbage_any(
	struct garbage *g, size_t number, const uint8_t **ret, enum garbage_class *ret_class)
{
	/* Steps of about 0.618 of the total spread the first cases evenly; a step without a common
	 * divisor reaches each case once. */
	size_t all = garbage_all(g), step = all * 618 / 1000 + 1;
	while (common_divisor(step, all) != 1)
		step++;
	size_t at = number % all * step % all;
	unsigned c = 0;
	while (at >= garbage_cases(g, (enum garbage_class)c))
		at -= garbage_cases(g, (enum garbage_class)c++);
	if (ret_class != NULL)
		*ret_class = (enum garbage_class)c;
	return garbage_make(g, (enum garbage_class)c, at, ret);
}

bool garbage_class_named(const char *name, enum garbage_class *ret)
{
	for (unsigned c = 0; c < GARBAGE_CLASSES; c++) {
		*ret = (enum garbage_class)c;
		if (strcmp(name, garbage_names[c]) == 0)
			return true;
	}
	*ret = GARBAGE_CLASSES;
	return strcmp(name, "all") == 0;
}

/* ---- SNMPv3: fields to encrypt and sign -------------------------------------------------- */

/* As ber_take_any, but a length beyond the end means the rest. */
static bool decode_leniently(struct ber_in *in, uint8_t *tag, struct ber_in *ret)
{
	if (ber_take_any(in, tag, ret) == 0)
		return true;
	size_t left = (size_t)(in->end - in->p);
	if (left < 2)
		return false;
	size_t head = in->p[1] > 0x80 ? 2u + (in->p[1] & 0x7fu) : 2;
	if (head > left)
		return false;
	*tag = in->p[0];
	*ret = (struct ber_in){in->p + head, in->end};
	in->p = in->end;
	return true;
}

bool garbage_usm(const uint8_t *bytes, size_t len, struct garbage_usm *ret)
{
	struct ber_in all = {bytes, bytes + len}, message, part[4], usm, auth = {NULL, NULL};
	uint8_t tag;
	*ret = (struct garbage_usm){0};
	if (!decode_leniently(&all, &tag, &message))
		return false;
	for (unsigned i = 0; i < 4; i++) {
		if (!decode_leniently(&message, &tag, &part[i]))
			return false;
	}
	if (tag == BER_OCTETS) {
		ret->data_at = (size_t)(part[3].p - bytes);
		ret->data_len = (size_t)(part[3].end - part[3].p);
	}
	if (!decode_leniently(&part[2], &tag, &usm))
		return false;
	for (unsigned i = 0; i < 5; i++) { /* engineID, boots, time, user, digest */
		if (!decode_leniently(&usm, &tag, &auth))
			return false;
	}
	ret->auth_at = (size_t)(auth.p - bytes);
	ret->auth_len = (size_t)(auth.end - auth.p);
	return true;
}
