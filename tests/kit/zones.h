/* SPDX-License-Identifier: Apache-2.0
 * Time zones of tzdata for tests: twelve that between them have every kind of change. */
#ifndef PLATEN_KIT_ZONES_H
#define PLATEN_KIT_ZONES_H

#include "proto/base/zone.h"

#include <stdint.h>

enum { KIT_ZONES = 12 };
extern const char *const kit_zones[KIT_ZONES];

size_t kit_zone_read(const char *name, uint8_t bytes[LIMIT_ZONE_BYTES]);
void kit_zone_load(struct zone *z, const char *name);

/* libc's zone, which is one for the whole process, becomes this one. */
void kit_zone_use_libc(const char *name);

#endif
