/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as model files: two of them, with a NUL between, so that one can replace the other.
 * Every error names a place; a finished set refers only to itself, and a poll with it ends. */
#include "proto/model/model.h"

#include "proto/base/slab.h"
#include "proto/mib/recording_agent.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A printer of the vendor that the corpus describes. */
static const char printer[] = "1.3.6.1.2.1.1.1.0|4|Acme Jet 5; M 1.2, N 3\n"
			      "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1.5\n"
			      "1.3.6.1.2.1.25.3.2.1.2.1|6|1.3.6.1.2.1.25.3.1.5\n"
			      "1.3.6.1.2.1.25.3.2.1.2.3|6|1.3.6.1.4.1.99999.3.1\n"
			      "1.3.6.1.2.1.25.3.2.1.3.1|4|Acme Jet 5\n"
			      "1.3.6.1.2.1.43.5.1.1.17.1|4|TST1\n"
			      "1.3.6.1.2.1.43.10.2.1.4.1.1|65|4711\n"
			      "1.3.6.1.4.1.99999.1.0|4|Jet 5\n"
			      "1.3.6.1.4.1.99999.2.0|2|17\n"
			      "1.3.6.1.4.1.99999.3.0|4x|00000000000001410000000000270fff\n"
			      "1.3.6.1.4.1.99999.4.1.1.1|2|1\n"
			      "1.3.6.1.4.1.99999.4.1.1.2|2|2\n"
			      "1.3.6.1.4.1.99999.4.1.2.1|4|Total\n"
			      "1.3.6.1.4.1.99999.4.1.2.2|4|Colour\n"
			      "1.3.6.1.4.1.99999.4.1.3.1|65|900\n"
			      "1.3.6.1.4.1.99999.4.1.3.2|65|800\n"
			      "1.3.6.1.4.1.99999.5.1.6.1.20.33|65|5\n"
			      "1.3.6.1.4.1.99999.5.1.6.3.20.33|65|6\n"
			      "1.3.6.1.4.1.99999.5.1.8.3.20.33|4|Sent\n";

static struct recording walk;
static struct slab blocks;

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void open_once(void)
{
	char why[LIMIT_WHY];
	if (walk.rows != NULL)
		return;
	check(recording_parse(&walk, RECORDING_SNMPREC, RECORDING_KEEP_FIRST, printer,
		      sizeof printer - 1, why) == 0);
	check(slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE) == 0);
}

static void check_text(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		check((unsigned char)t.p[i] >= 0x20 && t.p[i] != 0x7f);
	check(t.len == 0 || (str_is_utf8((const uint8_t *)t.p, t.len) && t.p[t.len] == '\0'));
}

static void check_oid(struct oid_ber oid)
{
	check(oid.len > 0 && oid.len <= LIMIT_OID_BER && oid_ber_check(oid) == 0);
}

static void check_target(const struct model_target *t)
{
	check(t->field < FIELD_COUNT && t->meter < METER_NAME_COUNT && t->role < ROLE_COUNT);
	check(t->index_count <= MODEL_KEYS);
	check_text(t->match);
	check_text(t->label);
	check_text(t->colorant);
}

static void check_vendor(const struct models *set, const struct model_vendor *m)
{
	check(m->vendor.len > 0);
	check_text(m->vendor);
	for (unsigned i = 0; i < m->word_count; i++)
		check_text(set->word[m->first_word + i]);
	for (unsigned i = 0; i < m->vendor_count; i++)
		check_text(set->word[m->first_vendor + i]);
	for (unsigned i = 0; i < m->printer_word_count; i++)
		check_text(set->word[m->first_printer_word + i]);
	for (unsigned i = 0; i < m->object_count; i++)
		check_oid(set->oid[m->first_object + i]);
	for (unsigned i = 0; i < m->printer_object_count; i++)
		check_oid(set->oid[m->first_printer_object + i]);
}

static bool is_excluded(const struct models *set, struct oid_ber oid)
{
	unsigned i = 0;
	while (i < set->excluded_count && !oid_ber_has_prefix(oid, set->excluded[i]))
		i++;
	return i < set->excluded_count;
}

static void check_get(const struct models *set, const struct model_get *get)
{
	check_oid(get->oid);
	check_target(&get->target);
	check(get->target.field == FIELD_CODES || get->codes.targets.count == 0);
	check(get->target.field != FIELD_CODES || get->codes.value_bytes < get->codes.size);
	for (unsigned i = 0; i < get->codes.targets.count; i++)
		check_target(&set->target[get->codes.targets.first + i]);
	check(!is_excluded(set, get->oid));
}

static void check_table(const struct models *set, const struct model_table *t)
{
	check(t->rows < ROWS_KIND_COUNT && t->first_rows > 0);
	check(t->column_count > 0 && t->column_count <= LIMIT_MODEL_COLUMNS);
	check(t->under_len <= sizeof t->under);
	for (unsigned i = 0; i < t->column_count; i++) {
		const struct model_column *c = &set->column[t->first_column + i];
		check_oid(c->oid);
		check(c->role < COLUMN_ROLE_COUNT && c->key < MODEL_KEYS);
		check(!is_excluded(set, c->oid));
	}
	for (unsigned i = 0; i < t->targets.count; i++)
		check_target(&set->target[t->targets.first + i]);
}

static void check_model(const struct models *set, const struct model *m)
{
	check(m->name.len > 0 && m->get_count <= LIMIT_MODEL_GETS);
	check(m->table_count <= LIMIT_MODEL_TABLES);
	check_text(m->name);
	check_text(m->file);
	check_text(m->quirks.context);
	for (unsigned i = 0; i < m->vendor_count; i++)
		check_vendor(set, &set->vendor[m->first_vendor + i]);
	for (unsigned i = 0; i < m->get_count; i++)
		check_get(set, &set->get[m->first_get + i]);
	for (unsigned i = 0; i < m->table_count; i++)
		check_table(set, &set->table[m->first_table + i]);
	for (unsigned i = 0; i < m->device_type_count; i++) {
		const struct model_device_type *t = &set->device_type[m->first_device_type + i];
		check_oid(t->type);
		check(t->role > ROLE_UNKNOWN && t->role < ROLE_NONE);
	}
	for (unsigned i = 0; i < m->line_count; i++) {
		check_text(set->line[m->first_line + i].name);
		check_text(set->line[m->first_line + i].note);
		check(set->line[m->first_line + i].evidence < EVIDENCE_COUNT);
	}
}

static bool is_recognised(const struct models *set)
{
	static const uint8_t object[] = {0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 1, 5};
	struct oid_ber at = {object, sizeof object};
	struct model_match match;
	struct text id = text_of("MFG:Acme;MDL:Jet 5;SN:1;"), descr = text_of("Acme Jet 5");
	if (models_recognise(set, id, descr, descr, &at, &match) < 0)
		return false;
	check(match.model < set->count && match.points > 0);
	const struct model *m = &set->model[match.model];
	check(match.vendor >= m->first_vendor && match.vendor < m->first_vendor + m->vendor_count);
	(void)models_is_printer(set, &set->vendor[match.vendor], descr, descr, at);
	return true;
}

static void read_a_printer(const struct models *set)
{
	struct reading r;
	reading_open(&r, &blocks);
	recording_poll(&r, &walk, &walk, set, 1);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		check(r.group[g].status < GROUP_STATUS_COUNT);
	for (const struct meter *m = r.meters; m != NULL; m = m->next) {
		char room[READING_SOURCE];
		check(m->name < METER_NAME_COUNT);
		check(reading_source(m->object, m->source, room).len > 0);
	}
	reading_close(&r);
}

static void add(struct models *set, const char *file, const uint8_t *data, size_t size)
{
	char why[LIMIT_WHY];
	int err = models_add(set, file, data, size, why);
	check(err == 0 ? why[0] == '\0' : strncmp(why, file, strlen(file)) == 0);
	check(strlen(why) < LIMIT_WHY);
	check(models_memory(set) <= LIMIT_MODELS_MEMORY + 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct models set;
	char why[LIMIT_WHY];
	const uint8_t *second = size > 0 ? memchr(data, '\0', size) : NULL;
	size_t first = second != NULL ? (size_t)(second - data) : size;
	open_once();
	check(models_open(&set) == 0);
	add(&set, "a.yaml", data, first);
	if (second != NULL)
		add(&set, "b.yaml", second + 1, size - first - 1);
	if (models_finish(&set, why) == 0) {
		for (unsigned i = 0; i < set.count; i++)
			check_model(&set, &set.model[i]);
		for (unsigned i = 0; i < set.excluded_count; i++)
			check_oid(set.excluded[i]);
		/* A full poll takes most of the time; one poll without a match is enough. */
		if (is_recognised(&set) || size % 8 == 0)
			read_a_printer(&set);
	} else {
		check(why[0] != '\0');
	}
	models_close(&set);
	return 0;
}
