/* SPDX-License-Identifier: Apache-2.0
 * Responses that are wrong on purpose: the classes of the PROTOS c06-snmpv1 suite, which sent
 * broken requests to agents, applied to the responses of a broken printer, and to SNMPv3's fields
 * (RFC 3412 section 6, RFC 3414 section 2.4). Deterministic: a well-formed response, a class and a
 * case number give the same bytes every time.
 *
 * Most cases replace one value of the message and correct the lengths around it, so that a decoder
 * reaches the damage; the class "cut" breaks frames.
 *
 * SNMPv3: the response is given with its scopedPDU in plain text, as the contents of the OCTET
 * STRING in which it will be encrypted if it has privacy. garbage_usm says where a sender must
 * encrypt and sign, if the damaged message still has these fields.
 *
 * Order of calls: garbage_open, then any number of garbage_make or garbage_any. There is no close;
 * response and request must outlive the struct, which is large (180 kB): static or on the heap. */
#ifndef PLATEN_SIM_GARBAGE_H
#define PLATEN_SIM_GARBAGE_H

#include "proto/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GARBAGE_RESPONSE = 16384, /* max bytes of a well-formed response */
	GARBAGE_PIECE = 65535,    /* max bytes of a replacement */
	GARBAGE_BYTES = 65507,    /* max bytes of a result: the longest datagram of UDP over IPv4 */
	GARBAGE_NODES = 96,       /* values of a message that are damaged */
	GARBAGE_ROWS = 6,         /* varbinds of a message that are damaged */
	GARBAGE_FLIPS = 4096      /* cases of the class "flip" */
};

enum garbage_class {
	GARBAGE_LENGTH,  /* length fields: indefinite, 0, 2^32 - 1, too short, too long, padded */
	GARBAGE_TAG,     /* every tag for every value, and tags of several bytes */
	GARBAGE_DEPTH,   /* values within values, up to 4,000 deep */
	GARBAGE_INTEGER, /* 0 to 64 bytes wide, negative counters, error-status of all kinds */
	GARBAGE_OID,     /* 0 to 4,000 sub-identifiers, above 2^32, padded, without an end */
	GARBAGE_STRING,  /* 0 to 65,000 bytes of NUL, format directives, broken UTF-8, escapes */
	GARBAGE_VALUE,   /* every type with 0 to 20 bytes of contents */
	GARBAGE_ROW,     /* 0 to 2,000 varbinds, and varbinds of wrong shapes */
	GARBAGE_FIELD,   /* header fields of 0 to 80 bytes; all flags, versions, security models */
	GARBAGE_CUT,  /* truncated after every byte, padded, followed by more, the request itself */
	GARBAGE_FLIP, /* some random bytes changed */
	GARBAGE_CLASSES
};
extern const char *const garbage_names[GARBAGE_CLASSES];

/* A value of the response: tag and length at `at`, contents behind them. */
struct garbage_node {
	size_t at, head, len;
	int parent;    /* -1: the message */
	uint8_t tag;   /* as BER has it */
	bool is_row;   /* a varbind */
	bool is_value; /* of a varbind */
	bool is_list;  /* the varbind list */
};

struct garbage {
	const uint8_t *response;
	size_t response_len;
	const uint8_t *request; /* NULL: none */
	size_t request_len;
	struct garbage_node node[GARBAGE_NODES];
	size_t nodes;
	size_t piece_len;
	uint8_t piece[GARBAGE_PIECE];
	size_t start, end; /* of the message in `out` */
	uint8_t out[2 * GARBAGE_RESPONSE + GARBAGE_PIECE + 8 * GARBAGE_NODES];
};

/* 0, ERR_LIMIT for a longer response, or an error if it is not one BER value. */
int garbage_open(struct garbage *g, const uint8_t *response, size_t response_len,
	const uint8_t *request, size_t request_len) MUST_USE;

/* Cases of one class, of all; they depend on the response. */
size_t garbage_cases(const struct garbage *g, enum garbage_class c);
size_t garbage_all(const struct garbage *g);

/* Case `number` (modulo the cases of the class). *ret points into g. Returns the length, at most
 * GARBAGE_BYTES; it may be 0. */
size_t garbage_make(struct garbage *g, enum garbage_class c, size_t number, const uint8_t **ret);

/* Case `number` of all classes, in an order that mixes them: the first thousand have some of each.
 * *ret_class may be NULL. */
size_t garbage_any(
	struct garbage *g, size_t number, const uint8_t **ret, enum garbage_class *ret_class);

/* Position of the digest and of the bytes to encrypt (length 0: none) in an SNMPv3 message, as far
 * as a decoder can find them in spite of the damage. */
struct garbage_usm {
	size_t auth_at, auth_len;
	size_t data_at, data_len;
};
bool garbage_usm(const uint8_t *bytes, size_t len, struct garbage_usm *ret);

/* "length", "all" ...: false if there is no such class. GARBAGE_CLASSES stands for all. */
bool garbage_class_named(const char *name, enum garbage_class *ret);

#endif
