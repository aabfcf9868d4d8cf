/* SPDX-License-Identifier: Apache-2.0
 * Generated IPP responses, and the same with one malformed attribute: wrong lengths and tags,
 * collections that do not end, members outside of them, bytes that are missing or too many. */
#ifndef PLATEN_TESTS_KIT_IPP_DAMAGE_H
#define PLATEN_TESTS_KIT_IPP_DAMAGE_H

#include "tests/kit/ipp_message.h"

enum { DAMAGE_ATTRIBUTES = 32, DAMAGE_VALUES = 32 };

enum damage_kind {
	DAMAGE_VALUE_LENGTH_MORE, /* by 1 to 300 */
	DAMAGE_VALUE_LENGTH_LESS,
	DAMAGE_VALUE_LENGTH_ANY,
	DAMAGE_NAME_LENGTH, /* any other number */
	DAMAGE_NAME_EMPTY,  /* its length is 0, its bytes are there */
	DAMAGE_NAME_BYTES,  /* control characters */
	DAMAGE_TAG_DELIMITER,
	DAMAGE_TAG_OUT_OF_BAND,
	DAMAGE_TAG_COLLECTION, /* begin, end or member name */
	DAMAGE_TAG_OTHER_TYPE, /* an integer as text, and the reverse */
	DAMAGE_VALUE_CUT,      /* bytes are missing, the length is as before */
	DAMAGE_VALUE_LONGER,   /* bytes are too many, the length is as before */
	DAMAGE_SIZE,           /* a number of another size, with the right length */
	DAMAGE_NUL,            /* inside a text */
	DAMAGE_STRAY_MEMBER,   /* a member name outside of a collection, with a value */
	DAMAGE_STRAY_END,      /* the end of a collection that was not begun */
	DAMAGE_NO_END,         /* a collection without an end */
	DAMAGE_NO_MEMBER,      /* a member's value without its name */
	DAMAGE_EMPTY_MEMBER,
	DAMAGE_TOO_DEEP,
	DAMAGE_KINDS
};

struct damage_value {
	size_t at;       /* of the tag */
	size_t value_at; /* of the value's bytes */
	size_t end;
	uint8_t tag;
};

struct damage_attribute {
	size_t begin, end;
	const char *name;
	struct damage_value value[DAMAGE_VALUES];
	unsigned values;
};

struct damage_response {
	struct ipp_message m;
	struct damage_attribute attribute[DAMAGE_ATTRIBUTES];
	unsigned count;
};

/* Numbers from a seed that is not 0. */
unsigned damage_random(uint64_t *seed, unsigned below);

/* A well-formed response of known and unknown attributes, each of them once. */
void damage_make(struct damage_response *to, uint64_t *seed);

/* The same response with attribute `k` malformed. Its bytes end at *end. False: the kind does not
 * apply to that attribute, or changes nothing. */
bool damage_apply(struct ipp_message *to, size_t *end, const struct damage_response *from,
	unsigned k, enum damage_kind kind, uint64_t *seed);

const char *damage_kind_name(enum damage_kind kind);

#endif
