/* SPDX-License-Identifier: Apache-2.0
 * Fields of a struct as bytes, in order: numbers little-endian, texts with their length in front.
 * One pass over the fields serves both directions, so that they cannot differ. */
#ifndef PLATEN_STORE_FIELDS_H
#define PLATEN_STORE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fields {
	uint8_t *p; /* the caller's; read only if is_reading */
	size_t len, at;
	bool is_reading;
	bool is_bad; /* the bytes ended too soon, or do not fit their field */
};

void fields_bytes(struct fields *f, void *field, size_t n);
/* Writing: `value` in n bytes. Reading: returns what the bytes hold; `value` if they ended. */
uint64_t fields_number(struct fields *f, uint64_t value, size_t n);
/* At most 255 bytes, and its NUL. */
void fields_text(struct fields *f, char *field, size_t cap);

#define FIELD_U8(f, field) ((field) = (uint8_t)fields_number(f, field, 1))
#define FIELD_U16(f, field) ((field) = (uint16_t)fields_number(f, field, 2))
#define FIELD_U32(f, field) ((field) = (uint32_t)fields_number(f, field, 4))
#define FIELD_U64(f, field) ((field) = fields_number(f, field, 8))
#define FIELD_FLAG(f, field) ((field) = fields_number(f, field, 1) != 0)

#endif
