/* SPDX-License-Identifier: Apache-2.0
 * A printer made of a table in memory, with the bad manners of real ones, and one whole poll to it
 * without a socket. */
#ifndef PLATEN_TESTS_MIB_PRINTER_H
#define PLATEN_TESTS_MIB_PRINTER_H

#include "proto/mib/mib_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a printer in memory ---------------------------------------------------------------- */

struct object {
	const char *oid;
	uint8_t type;
	const char *text; /* octets, or a dotted OID */
	int64_t number;
};

enum { OBJECTS = 512, OID_ROOM = 64 };

struct printer {
	size_t count;
	uint8_t oid[OBJECTS][OID_ROOM];
	size_t oid_len[OBJECTS];
	uint8_t type[OBJECTS];
	uint8_t value[OBJECTS][80];
	size_t value_len[OBJECTS];
	bool has_no_bulk;     /* GETBULK is answered with genErr */
	size_t too_big;       /* answers of more varbinds than this are tooBig; 0: no limit */
	size_t most;          /* varbinds of one answer; the rest is left out; 0: no limit */
	const char *gen_err;  /* a question for this object, or what is behind it, is genErr ... */
	bool names_no_object; /* ... with error-index 0 */
	bool is_v1;           /* what is not there is noSuchName */
	bool is_looping;      /* GETNEXT and GETBULK give back the first object for ever */
	const struct models *models; /* NULL: the built-in ones */
	int silent_after; /* no answer to the n-th question and later; 0: always answers */
	int calm_from;    /* from the n-th question on it has no alerts; 0: it keeps them */
	int questions;
};

static inline void put_number(struct printer *p, size_t i, int64_t v)
{
	uint8_t bytes[9];
	size_t n = 0;
	for (int shift = 56; shift >= 0; shift -= 8)
		bytes[n++] = (uint8_t)((uint64_t)v >> shift);
	size_t skip = 0;
	while (skip < 7 && ((bytes[skip] == 0 && (bytes[skip + 1] & 0x80) == 0) ||
				   (bytes[skip] == 0xff && (bytes[skip + 1] & 0x80) != 0)))
		skip++;
	p->value_len[i] = 8 - skip;
	memcpy(p->value[i], bytes + skip, 8 - skip);
}

static inline void add(
	struct printer *p, const char *oid, uint8_t type, const char *text, int64_t number)
{
	struct oid o;
	size_t i = p->count++;
	assert_true(i < OBJECTS);
	assert_int_equal(oid_from_text(&o, oid), 0);
	int n = oid_encode(p->oid[i], OID_ROOM, &o);
	assert_true(n > 0);
	p->oid_len[i] = (size_t)n;
	p->type[i] = type;
	if (type == BER_OCTETS) {
		p->value_len[i] = strlen(text);
		memcpy(p->value[i], text, p->value_len[i]);
	} else if (type == BER_OID) {
		assert_int_equal(oid_from_text(&o, text), 0);
		n = oid_encode(p->value[i], sizeof p->value[i], &o);
		assert_true(n > 0);
		p->value_len[i] = (size_t)n;
	} else {
		put_number(p, i, number);
	}
}

static inline struct oid_ber name_of(const struct printer *p, size_t i)
{
	return (struct oid_ber){p->oid[i], p->oid_len[i]};
}

static inline struct varbind as_varbind(const struct printer *p, size_t i)
{
	return (struct varbind){name_of(p, i), p->type[i], p->value[i], p->value_len[i]};
}

/* The index of the first object behind `oid` (objects are added in order), or count. */
static inline size_t next_of(const struct printer *p, struct oid_ber oid)
{
	size_t i = 0;
	while (i < p->count && oid_ber_compare(name_of(p, i), oid) <= 0)
		i++;
	return i;
}

static inline size_t answer_get(
	const struct printer *p, const struct snmp_request *q, struct varbind *vb)
{
	size_t at = 0, n = 0;
	for (size_t i = 0; i < q->oids; i++) {
		struct oid_ber oid = snmp_request_oid(q, i, &at);
		size_t k = 0;
		while (k < p->count && !oid_ber_is_equal(name_of(p, k), oid))
			k++;
		vb[n++] = k < p->count
				  ? as_varbind(p, k)
				  : (struct varbind){.name = oid, .type = BER_NO_SUCH_INSTANCE};
	}
	return n;
}

static inline size_t answer_next(
	const struct printer *p, const struct snmp_request *q, struct varbind *vb, size_t max)
{
	struct oid_ber at[LIMIT_ASK_OIDS];
	size_t ber_at = 0, n = 0;
	unsigned rounds = q->pdu == SNMP_GETBULK ? q->max_repetitions : 1;
	for (size_t i = 0; i < q->oids; i++)
		at[i] = snmp_request_oid(q, i, &ber_at);
	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 0; i < q->oids && n < max; i++) {
			size_t k = p->is_looping ? 0 : next_of(p, at[i]);
			if (k < p->count) {
				vb[n] = as_varbind(p, k);
				at[i] = vb[n].name;
			} else {
				vb[n] = (struct varbind){
					.name = at[i], .type = BER_END_OF_MIB_VIEW};
			}
			n++;
		}
	}
	return n;
}

/* The error-status with which this printer answers the question, 0 if it answers it. */
static inline int refusal(const struct printer *p, const struct snmp_request *q, int *ret_index)
{
	struct oid o;
	uint8_t bad[OID_ROOM];
	int n = 0;
	size_t at = 0;
	if (p->gen_err != NULL && oid_from_text(&o, p->gen_err) == 0)
		n = oid_encode(bad, sizeof bad, &o);
	for (size_t i = 0; i < q->oids; i++) {
		struct oid_ber oid = snmp_request_oid(q, i, &at);
		*ret_index = p->names_no_object ? 0 : (int)i + 1;
		if (n > 0 && oid_ber_has_prefix(oid, (struct oid_ber){bad, (size_t)n}))
			return SNMP_GEN_ERR;
		struct varbind vb;
		struct snmp_request one;
		snmp_request_begin(&one, q->pdu);
		if (!p->is_v1 || snmp_request_add(&one, oid, (struct oid_ber){NULL, 0}, 484) < 0)
			continue;
		size_t got = q->pdu == SNMP_GET ? answer_get(p, &one, &vb)
						: answer_next(p, &one, &vb, 1);
		if (got == 1 && vb.type >= BER_NO_SUCH_OBJECT)
			return SNMP_NO_SUCH_NAME;
	}
	return 0;
}

static inline void move_object(struct printer *p, size_t to, size_t from)
{
	memmove(p->oid[to], p->oid[from], OID_ROOM);
	memmove(p->value[to], p->value[from], sizeof p->value[from]);
	p->oid_len[to] = p->oid_len[from];
	p->type[to] = p->type[from];
	p->value_len[to] = p->value_len[from];
}

/* For objects that were not added in order; one place behind them must be free. */
static inline void put_in_order(struct printer *p)
{
	assert_true(p->count < OBJECTS);
	for (size_t i = 1; i < p->count; i++) {
		size_t to = i;
		while (to > 0 && oid_ber_compare(name_of(p, i), name_of(p, to - 1)) < 0)
			to--;
		if (to == i)
			continue;
		move_object(p, p->count, i);
		for (size_t k = i; k > to; k--)
			move_object(p, k, k - 1);
		move_object(p, to, p->count);
	}
}

/* prtAlertTable gets empty. */
static inline void clear_alerts(struct printer *p)
{
	static const uint8_t table[] = {0x2b, 6, 1, 2, 1, 0x2b, 0x12, 1, 1};
	size_t kept = 0;
	for (size_t i = 0; i < p->count; i++) {
		if (!oid_ber_has_prefix(name_of(p, i), (struct oid_ber){table, sizeof table}))
			move_object(p, kept++, i);
	}
	p->count = kept;
}

/* One whole poll; returns the number of questions. */
static inline int poll(struct printer *p, struct mib_limits *m, struct reading *r)
{
	static struct mib_plan w;
	static struct snmp_request q;
	struct varbind vb[LIMIT_VARBINDS];
	p->questions = 0;
	mib_begin(&w, m, p->is_v1 ? SNMP_V1 : SNMP_V2C,
		p->models != NULL ? p->models : models_builtin(), false);
	while (mib_next_request(&w, &q, 484) == 1) {
		assert_true(++p->questions < 300);
		if (p->calm_from != 0 && p->questions == p->calm_from)
			clear_alerts(p);
		assert_true(snmp_request_bytes(&q) <= 484);
		if (p->silent_after != 0 && p->questions >= p->silent_after) {
			if (!mib_add_timeout(&w)) {
				mib_abort(&w);
				break;
			}
			continue;
		}
		if (q.pdu == SNMP_GETBULK && p->has_no_bulk) {
			mib_add_error(&w, SNMP_GEN_ERR, 0);
			continue;
		}
		int index, status = refusal(p, &q, &index);
		if (status != 0) {
			mib_add_error(&w, status, index);
			continue;
		}
		size_t n = q.pdu == SNMP_GET ? answer_get(p, &q, vb)
					     : answer_next(p, &q, vb, LIMIT_VARBINDS);
		if (p->too_big != 0 && n > p->too_big) {
			mib_add_error(&w, SNMP_TOO_BIG, 0);
			continue;
		}
		mib_add_response(&w, r, vb, p->most != 0 && n > p->most ? p->most : n);
	}
	mib_end(&w, r);
	return p->questions;
}

static inline void add_row(struct printer *p, const char *table, unsigned column, const char *row,
	uint8_t type, const char *text, int64_t number)
{
	char oid[128];
	(void)snprintf(oid, sizeof oid, "%s.%u.%s", table, column, row);
	add(p, oid, type, text, number);
}

#define HR_DEVICE "1.3.6.1.2.1.25.3.2.1"
#define SUPPLIES "1.3.6.1.2.1.43.11.1.1"
#define ALERT "1.3.6.1.2.1.43.18.1.1"
#define XEROX "1.3.6.1.4.1.253.8.53.13.2.1"

struct fixture {
	struct slab blocks;
	struct reading r;
	struct printer p;
	struct mib_limits m;
};

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	assert_int_equal(slab_open(&f->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	reading_open(&f->r, &f->blocks);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	reading_close(&f->r);
	assert_int_equal(f->blocks.used, 0);
	slab_close(&f->blocks);
	free(f);
	return 0;
}

#endif
