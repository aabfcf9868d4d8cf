/* SPDX-License-Identifier: Apache-2.0
 * Sets of model files given as text. */
#ifndef PLATEN_TESTS_KIT_MODEL_SET_H
#define PLATEN_TESTS_KIT_MODEL_SET_H

#include "proto/model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Adds a file named "file.yaml". */
int add_text(struct models *set, const char *yaml, char why[LIMIT_WHY]);
void open_set(struct models *set);
void must_add(struct models *set, const char *file, const char *yaml);
void must_finish(struct models *set);
/* A finished set of one file. */
void set_of(struct models *set, const char *yaml);
void assert_text(struct text t, const char *want);
void assert_oid(struct oid_ber ber, const char *want);
/* The family of this name; fails if there is none. */
const struct model *family(const struct models *set, const char *name);
struct oid_ber ber_of(uint8_t *room, const char *dotted);

#endif
