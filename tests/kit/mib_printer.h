/* SPDX-License-Identifier: Apache-2.0
 * A printer as a table in memory, with the deviations of real ones, and a full poll of it without a
 * socket. */
#ifndef PLATEN_TESTS_KIT_MIB_PRINTER_H
#define PLATEN_TESTS_KIT_MIB_PRINTER_H

#include "proto/mib/mib_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
	bool has_no_bulk; /* GETBULK gets genErr */
	size_t too_big;   /* responses of more varbinds than this are tooBig; 0: no limit */
	size_t most;      /* varbinds of a response; the rest is left out; 0: no limit */
	const char
		*gen_err; /* a request for this object, or for the one before it, gets genErr ... */
	bool names_no_object;        /* ... with error-index 0 */
	bool is_v1;                  /* missing objects get noSuchName */
	bool is_looping;             /* GETNEXT and GETBULK return the first object for ever */
	const struct models *models; /* NULL: the built-in ones */
	int timeout_from;            /* the n-th request and later ones time out; 0: never */
	int no_alerts_from; /* from the n-th request on it has no alerts; 0: it keeps them */
	int requests;
};

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

void printer_put_number(struct printer *p, size_t i, int64_t v);
void printer_add(
	struct printer *p, const char *oid, uint8_t type, const char *text, int64_t number);
struct oid_ber printer_name(const struct printer *p, size_t i);
struct varbind printer_varbind(const struct printer *p, size_t i);
size_t printer_respond_get(
	const struct printer *p, const struct snmp_request *q, struct varbind *vb);
size_t printer_respond_next(
	const struct printer *p, const struct snmp_request *q, struct varbind *vb, size_t max);
/* For objects that were not added in order; needs one free place at the end. */
void printer_sort(struct printer *p);
/* A full poll; returns the number of requests. */
int printer_poll(struct printer *p, struct mib_limits *m, struct reading *r);
void printer_add_row(struct printer *p, const char *table, unsigned column, const char *row,
	uint8_t type, const char *text, int64_t number);
int printer_setup(void **state);
int printer_teardown(void **state);

#endif
