/* SPDX-License-Identifier: Apache-2.0
 * The numbers of RFC 3805 (Printer-MIB), RFC 2790 (Host-Resources-MIB) and IANA-PRINTER-MIB as
 * names: the labels of the standard in snake_case, without the prefix that is common to a group. A
 * number without a name is "other" in our own closed lists, "unknown" elsewhere. */
#include "proto/reading/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* names[n]; the list may have gaps. */
static const char *name_at(const char *const *names, size_t count, long n, const char *without)
{
	if (n < 0 || (size_t)n >= count || names[n] == NULL)
		return without;
	return names[n];
}

const char *group_name(enum reading_group g)
{
	static const char *const names[GROUP_COUNT] = {[GROUP_IDENTITY] = "identity",
		[GROUP_METERS] = "meters",
		[GROUP_SUPPLIES] = "supplies",
		[GROUP_ALERTS] = "alerts",
		[GROUP_STATE] = "state",
		[GROUP_OPTIONS] = "options",
		[GROUP_MEDIA] = "media",
		[GROUP_MAINTENANCE] = "maintenance"};
	return name_at(names, COUNT(names), (long)g, "unknown");
}

const char *group_status_name(enum group_status s)
{
	static const char *const names[GROUP_STATUS_COUNT] = {
		[GROUP_NOT_REQUESTED] = "not_requested",
		[GROUP_COMPLETE] = "complete",
		[GROUP_PARTIAL] = "partial",
		[GROUP_FAILED] = "failed"};
	return name_at(names, COUNT(names), (long)s, "unknown");
}

static const char *const meter_names[METER_NAME_COUNT] = {
	[METER_IMPRESSIONS_TOTAL] = "impressions_total",
	[METER_IMPRESSIONS_COLOR] = "impressions_color",
	[METER_IMPRESSIONS_MONO] = "impressions_mono",
	[METER_SHEETS_TOTAL] = "sheets_total",
	[METER_SHEETS_DUPLEX] = "sheets_duplex",
	[METER_PRINT_IMPRESSIONS_TOTAL] = "print_impressions_total",
	[METER_PRINT_IMPRESSIONS_COLOR] = "print_impressions_color",
	[METER_PRINT_IMPRESSIONS_MONO] = "print_impressions_mono",
	[METER_COPY_IMPRESSIONS_TOTAL] = "copy_impressions_total",
	[METER_COPY_IMPRESSIONS_COLOR] = "copy_impressions_color",
	[METER_COPY_IMPRESSIONS_MONO] = "copy_impressions_mono",
	[METER_FAX_IMPRESSIONS_TOTAL] = "fax_impressions_total",
	[METER_FAX_IMPRESSIONS_COLOR] = "fax_impressions_color",
	[METER_FAX_IMPRESSIONS_MONO] = "fax_impressions_mono",
	[METER_SCAN_IMAGES_TOTAL] = "scan_images_total",
	[METER_SCAN_IMAGES_NETWORK] = "scan_images_network",
	[METER_SCAN_IMAGES_EMAIL] = "scan_images_email",
	[METER_LARGE_IMPRESSIONS_TOTAL] = "large_impressions_total",
	[METER_LARGE_IMPRESSIONS_COLOR] = "large_impressions_color",
	[METER_LARGE_IMPRESSIONS_MONO] = "large_impressions_mono",
	[METER_COLOR_LEVEL_1] = "color_level_1",
	[METER_COLOR_LEVEL_2] = "color_level_2",
	[METER_COLOR_LEVEL_3] = "color_level_3",
	[METER_COLOR_HIGHLIGHT] = "color_highlight",
	[METER_COLOR_BUSINESS] = "color_business",
	[METER_COLOR_GRAPHICS] = "color_graphics",
	[METER_MARKER_LIFE] = "marker_life",
	[METER_POWER_ON_IMPRESSIONS] = "power_on_impressions",
	[METER_VENDOR] = "vendor"};

const char *meter_name_text(enum meter_name name)
{
	return name_at(meter_names, COUNT(meter_names), (long)name, "unknown");
}

/* PrtMarkerCounterUnitTC */
const char *meter_unit_name(unsigned unit)
{
	static const char *const names[] = {[3] = "ten_thousandths_of_inches",
		[4] = "micrometers",
		[5] = "characters",
		[6] = "lines",
		[7] = "impressions",
		[8] = "sheets",
		[9] = "dot_row",
		[11] = "hours",
		[16] = "feet",
		[17] = "meters",
		[METER_UNIT_LABELS] = "labels",
		[METER_UNIT_CENTIMETERS] = "centimeters"};
	return name_at(names, COUNT(names), (long)unit, "unknown");
}

/* PrtMarkerSuppliesTypeTC */
static const char *const supply_types[] = {NULL, "other", "unknown", "toner", "waste_toner", "ink",
	"ink_cartridge", "ink_ribbon", "waste_ink", "opc", "developer", "fuser_oil", "solid_wax",
	"ribbon_wax", "waste_wax", "fuser", "corona_wire", "fuser_oil_wick", "cleaner_unit",
	"fuser_cleaning_pad", "transfer_unit", "toner_cartridge", "fuser_oiler", "water",
	"waste_water", "glue_water_additive", "waste_paper", "binding_supply", "banding_supply",
	"stitching_wire", "shrink_wrap", "paper_wrap", "staples", "inserts", "covers",
	"matte_toner", "matte_ink"};

const char *supply_type_name(unsigned type)
{
	return name_at(supply_types, COUNT(supply_types), (long)type, "unknown");
}

int supply_type_from(const char *name)
{
	for (size_t i = 1; i < COUNT(supply_types); i++) {
		if (strcmp(name, supply_types[i]) == 0)
			return (int)i;
	}
	return -1;
}

/* PrtMarkerSuppliesClassTC: supplyThatIsConsumed, receptacleThatIsFilled */
const char *supply_class_name(unsigned supply_class)
{
	static const char *const names[] = {[1] = "other", [3] = "consumed", [4] = "receptacle"};
	return name_at(names, COUNT(names), (long)supply_class, "unknown");
}

/* PrtMarkerSuppliesSupplyUnitTC */
const char *supply_unit_name(unsigned unit)
{
	static const char *const names[] = {[1] = "other",
		[3] = "ten_thousandths_of_inches",
		[4] = "micrometers",
		[7] = "impressions",
		[8] = "sheets",
		[11] = "hours",
		[12] = "thousandths_of_ounces",
		[13] = "tenths_of_grams",
		[14] = "hundredths_of_fluid_ounces",
		[15] = "tenths_of_milliliters",
		[16] = "feet",
		[17] = "meters",
		[18] = "items",
		[19] = "percent"};
	return name_at(names, COUNT(names), (long)unit, "unknown");
}

const char *level_kind_name(enum level_kind kind)
{
	static const char *const names[LEVEL_KIND_COUNT] = {[LEVEL_UNKNOWN] = "unknown",
		[LEVEL_PERCENT] = "percent",
		[LEVEL_UNITS] = "units",
		[LEVEL_SOME] = "some",
		[LEVEL_UNLIMITED] = "unlimited",
		[LEVEL_EMPTY] = "empty",
		[LEVEL_LOW] = "low",
		[LEVEL_OK] = "ok",
		[LEVEL_DIRECTION_UNKNOWN] = "direction_unknown",
		[LEVEL_ALMOST_FULL] = "almost_full",
		[LEVEL_FULL] = "full"};
	return name_at(names, COUNT(names), (long)kind, "unknown");
}

const char *supply_direction_name(enum supply_direction direction)
{
	static const char *const names[DIRECTION_COUNT] = {
		"direction_unknown", "space_left", "fill_level"};
	return name_at(names, COUNT(names), (long)direction, "direction_unknown");
}

const char *quality_name(enum meter_quality quality)
{
	static const char *const names[QUALITY_COUNT] = {
		[QUALITY_OK] = "ok", [QUALITY_SUSPECT] = "suspect"};
	return name_at(names, COUNT(names), (long)quality, "unknown");
}

/* PrtAlertSeverityLevelTC */
const char *alert_severity_name(int severity)
{
	static const char *const names[] = {[1] = "other",
		[3] = "critical",
		[4] = "warning",
		[5] = "warning_binary_change_event"};
	return name_at(names, COUNT(names), severity, "unknown");
}

/* PrtAlertTrainingLevelTC */
const char *alert_training_name(int training)
{
	static const char *const names[] = {NULL, "other", "unknown", "untrained", "trained",
		"field_service", "management", "no_intervention_required"};
	return name_at(names, COUNT(names), training, "unknown");
}

/* PrtAlertGroupTC */
const char *alert_group_name(int group)
{
	static const char *const names[] = {[1] = "other",
		[3] = "host_resources_mib_storage_table",
		[4] = "host_resources_mib_device_table",
		[5] = "general_printer",
		[6] = "cover",
		[7] = "localization",
		[8] = "input",
		[9] = "output",
		[10] = "marker",
		[11] = "marker_supplies",
		[12] = "marker_colorant",
		[13] = "media_path",
		[14] = "channel",
		[15] = "interpreter",
		[16] = "console_display_buffer",
		[17] = "console_lights",
		[18] = "alert",
		[30] = "fin_device",
		[31] = "fin_supply",
		[32] = "fin_supply_media_input",
		[33] = "fin_attribute"};
	return name_at(names, COUNT(names), group, "unknown");
}

/* hrPrinterStatus */
const char *printer_status_name(unsigned status)
{
	static const char *const names[] = {[1] = "other", [3] = "idle", "printing", "warmup"};
	return name_at(names, COUNT(names), (long)status, "unknown");
}

/* hrDeviceStatus */
const char *device_status_name(unsigned status)
{
	static const char *const names[] = {[2] = "running", "warning", "testing", "down"};
	return name_at(names, COUNT(names), (long)status, "unknown");
}

const char *error_bit_name(unsigned bit)
{
	static const char *const names[] = {"low_paper", "no_paper", "low_toner", "no_toner",
		"door_open", "jammed", "offline", "service_requested", "input_tray_missing",
		"output_tray_missing", "marker_supply_missing", "output_near_full", "output_full",
		"input_tray_empty", "overdue_prevent_maint"};
	return name_at(names, COUNT(names), (long)bit, NULL);
}

/* PrtAlertCodeTC 3..38. Prefixed with "subunit" they are the generic codes; the Finisher codes are
 * the same list prefixed with the device (30203 stapler_cover_open). */
static const char *const generic_codes[] = {[3] = "cover_open",
	"cover_closed",
	"interlock_open",
	"interlock_closed",
	"configuration_change",
	"jam",
	"missing",
	"life_almost_over",
	"life_over",
	"almost_empty",
	"empty",
	"almost_full",
	"full",
	"near_limit",
	"at_limit",
	"opened",
	"closed",
	"turned_on",
	"turned_off",
	"offline",
	"power_saver",
	"warming_up",
	"added",
	"removed",
	"resource_added",
	"resource_removed",
	"recoverable_failure",
	"unrecoverable_failure",
	"recoverable_storage_error",
	"unrecoverable_storage_error",
	"motor_failure",
	"memory_exhausted",
	"under_temperature",
	"over_temperature",
	"timing_failure",
	"thermistor_failure"};

/* FinDeviceTypeTC in the hundreds of 30203..31838. */
static const char *const finisher_devices[] = {[2] = "stapler",
	"stitcher",
	"folder",
	"binder",
	"trimmer",
	"die_cutter",
	"puncher",
	"perforater",
	"slitter",
	"separation_cutter",
	"imprinter",
	"wrapper",
	"bander",
	"make_envelope",
	"stacker",
	"sheet_rotator",
	"inserter"};

struct code_name {
	int code;
	const char *name;
};

/* Sorted by code. */
static const struct code_name group_codes[] = {{1, "other"}, {2, "unknown"}, {501, "door_open"},
	{502, "door_closed"}, {503, "power_up"}, {504, "power_down"}, {505, "printer_nms_reset"},
	{506, "printer_manual_reset"}, {507, "printer_ready_to_print"},
	{801, "input_media_tray_missing"}, {802, "input_media_size_change"},
	{803, "input_media_weight_change"}, {804, "input_media_type_change"},
	{805, "input_media_color_change"}, {806, "input_media_form_parts_change"},
	{807, "input_media_supply_low"}, {808, "input_media_supply_empty"},
	{809, "input_media_change_request"}, {810, "input_manual_input_request"},
	{811, "input_tray_position_failure"}, {812, "input_tray_elevation_failure"},
	{813, "input_cannot_feed_size_selected"}, {901, "output_media_tray_missing"},
	{902, "output_media_tray_almost_full"}, {903, "output_media_tray_full"},
	{904, "output_mailbox_select_failure"}, {1001, "marker_fuser_under_temperature"},
	{1002, "marker_fuser_over_temperature"}, {1003, "marker_fuser_timing_failure"},
	{1004, "marker_fuser_thermistor_failure"}, {1005, "marker_adjusting_print_quality"},
	{1101, "marker_toner_empty"}, {1102, "marker_ink_empty"},
	{1103, "marker_print_ribbon_empty"}, {1104, "marker_toner_almost_empty"},
	{1105, "marker_ink_almost_empty"}, {1106, "marker_print_ribbon_almost_empty"},
	{1107, "marker_waste_toner_receptacle_almost_full"},
	{1108, "marker_waste_ink_receptacle_almost_full"},
	{1109, "marker_waste_toner_receptacle_full"}, {1110, "marker_waste_ink_receptacle_full"},
	{1111, "marker_opc_life_almost_over"}, {1112, "marker_opc_life_over"},
	{1113, "marker_developer_almost_empty"}, {1114, "marker_developer_empty"},
	{1115, "marker_toner_cartridge_missing"}, {1301, "media_path_media_tray_missing"},
	{1302, "media_path_media_tray_almost_full"}, {1303, "media_path_media_tray_full"},
	{1304, "media_path_cannot_duplex_media_selected"}, {1501, "interpreter_memory_increase"},
	{1502, "interpreter_memory_decrease"}, {1503, "interpreter_cartridge_added"},
	{1504, "interpreter_cartridge_deleted"}, {1505, "interpreter_resource_added"},
	{1506, "interpreter_resource_deleted"}, {1507, "interpreter_resource_unavailable"},
	{1509, "interpreter_complex_page_encountered"},
	{1801, "alert_removal_of_binary_change_entry"}};

/* Generic codes below this one carry no prefix in the standard. */
enum { CODE_FIRST_SUBUNIT = 9, CODE_FINISHER = 30000 };

static int compare_code(const void *key, const void *row)
{
	int code = *(const int *)key, at = ((const struct code_name *)row)->code;
	return (code > at) - (code < at);
}

const char *alert_code_name(int code, char dst[ALERT_CODE_NAME])
{
	const struct code_name *own = bsearch(
		&code, group_codes, COUNT(group_codes), sizeof group_codes[0], compare_code);
	const char *device = "subunit";
	int generic = code;
	if (own != NULL)
		return own->name;
	if (code > CODE_FINISHER) {
		generic = (code - CODE_FINISHER) % 100;
		device = name_at(finisher_devices, COUNT(finisher_devices),
			(code - CODE_FINISHER) / 100, NULL);
	}
	const char *name = name_at(generic_codes, COUNT(generic_codes), generic, NULL);
	if (name == NULL || device == NULL)
		return "unknown";
	if (code < CODE_FIRST_SUBUNIT)
		return name;
	(void)snprintf(dst, ALERT_CODE_NAME, "%s_%s", device, name);
	return dst;
}

const char *identity_why_name(enum identity_why why)
{
	static const char *const names[WHY_COUNT] = {[WHY_NOTHING] = "no_response",
		[WHY_PRINTER_MIB] = "printer_mib",
		[WHY_VENDOR] = "known_vendor",
		[WHY_IPP] = "ipp",
		[WHY_ONLY_HOST_ROWS] = "only_host_resources_rows",
		[WHY_NO_PRINTER_MIB] = "no_printer_mib"};
	return name_at(names, COUNT(names), (long)why, "unknown");
}

const char *option_kind_name(enum option_kind kind)
{
	static const char *const names[OPTION_KIND_COUNT] = {[OPTION_INTERPRETER] = "interpreter",
		[OPTION_CHANNEL] = "channel",
		[OPTION_MEMORY] = "memory",
		[OPTION_STORAGE] = "storage",
		[OPTION_FINISHER] = "finisher",
		[OPTION_MODULE] = "module",
		[OPTION_SETTING] = "setting"};
	return name_at(names, COUNT(names), (long)kind, "unknown");
}

const char *subunit_kind_name(enum subunit_kind kind)
{
	static const char *const names[SUBUNIT_KIND_COUNT] = {[SUBUNIT_TRAY] = "tray",
		[SUBUNIT_BIN] = "bin",
		[SUBUNIT_COVER] = "cover",
		[SUBUNIT_PATH] = "media_path"};
	return name_at(names, COUNT(names), (long)kind, "unknown");
}

/* PrtInputTypeTC, PrtOutputTypeTC, PrtMediaPathTypeTC */
const char *subunit_type_name(enum subunit_kind kind, unsigned type)
{
	static const char *const trays[] = {NULL, "other", "unknown", "sheet_feed_auto_removable",
		"sheet_feed_auto_non_removable", "sheet_feed_manual", "continuous_roll",
		"continuous_fan_fold"};
	static const char *const bins[] = {NULL, "other", "unknown", "removable_bin",
		"unremovable_bin", "continuous_roll_device", "mail_box", "continuous_fan_fold"};
	static const char *const paths[] = {NULL, "other", "unknown", "long_edge_binding_duplex",
		"short_edge_binding_duplex", "simplex"};
	if (kind == SUBUNIT_TRAY)
		return name_at(trays, COUNT(trays), (long)type, "unknown");
	if (kind == SUBUNIT_BIN)
		return name_at(bins, COUNT(bins), (long)type, "unknown");
	return kind == SUBUNIT_PATH ? name_at(paths, COUNT(paths), (long)type, "unknown")
				    : "unknown";
}

size_t subunit_status_words(int status, const char *words[SUBUNIT_STATUS_WORDS])
{
	enum { AVAILABILITY = 7, FIRST_BIT = 8, ALL = 126 };
	static const char *const availability[] = {"idle", "unavailable_on_request", "standby",
		"unavailable_broken", "active", "unknown", "busy"};
	static const char *const bits[] = {
		"non_critical_alerts", "critical_alerts", "offline", "transitioning"};
	size_t n = 0;
	bool is_sum = status >= 0 && status <= ALL;
	words[n++] = name_at(
		availability, COUNT(availability), is_sum ? status & AVAILABILITY : -1, "unknown");
	for (size_t i = 0; is_sum && i < COUNT(bits); i++) {
		if ((status & FIRST_BIT << i) != 0)
			words[n++] = bits[i];
	}
	return n;
}

/* PrtCoverStatusTC */
const char *cover_status_name(int status)
{
	static const char *const names[] = {
		[1] = "other", [3] = "open", "closed", "interlock_open", "interlock_closed"};
	return name_at(names, COUNT(names), status, "unknown");
}

/* PrtCapacityUnitTC */
const char *capacity_unit_name(unsigned unit)
{
	static const char *const names[] = {[1] = "other",
		[3] = "ten_thousandths_of_inches",
		[4] = "micrometers",
		[8] = "sheets",
		[16] = "feet",
		[17] = "meters",
		[18] = "items",
		[19] = "percent"};
	return name_at(names, COUNT(names), (long)unit, "unknown");
}

/* PrtMediaPathMaxSpeedPrintUnitTC */
const char *speed_unit_name(unsigned unit)
{
	static const char *const names[] = {[3] = "ten_thousandths_of_inches_per_hour",
		[4] = "micrometers_per_hour",
		[5] = "characters_per_hour",
		[6] = "lines_per_hour",
		[7] = "impressions_per_hour",
		[8] = "sheets_per_hour",
		[9] = "dot_row_per_hour",
		[16] = "feet_per_hour",
		[17] = "meters_per_hour"};
	return name_at(names, COUNT(names), (long)unit, "unknown");
}
