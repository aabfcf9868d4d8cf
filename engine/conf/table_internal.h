/* SPDX-License-Identifier: Apache-2.0
 * How the key tables are written down. */
#ifndef PLATEN_CONF_TABLE_INTERNAL_H
#define PLATEN_CONF_TABLE_INTERNAL_H

#include "engine/conf/conf.h"
#include "engine/conf/load.h"
#include "engine/conf/table.h"

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
/* clang-format off */
#define KEY(struct_type, member, key_type, key_path, ...)                                          \
	{.path = (key_path), .type = (key_type), .offset = offsetof(struct_type, member),          \
		.size = sizeof(((struct_type *)0)->member), __VA_ARGS__}
/* A secret has two sources: BASE_file and BASE_env. */
#define SECRET_KEYS(struct_type, member, base, file_sample, env_sample, file_help)                 \
	KEY(struct_type, member, CONF_SECRET, base "_file", .sample = (file_sample),               \
		.help = file_help),                                                                \
	KEY(struct_type, member, CONF_ENV, base "_env", .sample = (env_sample),                    \
		.help = "An environment variable with it, instead of " base                        \
			"_file; needs secrets.allow_env.")
/* The table of a list's entries. */
#define ITEM_TABLE(path, struct_type, list)                                                        \
	{.title = (path), .item_bytes = sizeof(struct_type), .keys = (list), .count = COUNT_OF(list)}
/* clang-format on */
#define TEXT_OF_(x) #x
#define TEXT_OF(x) TEXT_OF_(x)

/* Words that several tables take; each ends with {NULL, 0}. */
extern const struct conf_word conf_levels[];
extern const struct conf_word conf_switch[]; /* off, on */
extern const struct conf_word conf_ipp_modes[];

#endif
