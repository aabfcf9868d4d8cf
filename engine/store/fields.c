/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/fields.h"

#include <string.h>

void fields_bytes(struct fields *f, void *field, size_t n)
{
	if (f->is_bad || f->at + n > f->len) {
		f->is_bad = true;
		return;
	}
	if (f->is_reading)
		memcpy(field, f->p + f->at, n);
	else
		memcpy(f->p + f->at, field, n);
	f->at += n;
}

uint64_t fields_number(struct fields *f, uint64_t value, size_t n)
{
	uint8_t bytes[8] = {0};
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	fields_bytes(f, bytes, n);
	if (!f->is_reading || f->is_bad)
		return value;
	value = 0;
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

void fields_text(struct fields *f, char *field, size_t cap)
{
	size_t n = f->is_reading ? 0 : strnlen(field, cap - 1);
	n = (size_t)fields_number(f, n, 1);
	if (n >= cap) {
		f->is_bad = true;
		return;
	}
	fields_bytes(f, field, n);
	field[n] = '\0';
}
