# A colour multifunction printer in the shape of Toshiba TEC's, its texts in GB2312.
profile toshiba
serial "CH@E#####"
host "MFP{mac}"
oui 008091

rate print_mono 4.00
rate print_color 2.50
rate copy_mono 1.00
rate copy_color 0.50
rate fax_mono 0.20
rate fax_sent 0.10
rate scan_email 0.60
rate scan_network 0.40

let color = print_color + copy_color
let mono = print_mono + copy_mono + fax_mono
let total = color + mono
let duplex = total%30
let sheets = total - duplex
let printed = print_mono + print_color
let copied = copy_mono + copy_color
let scans = scan_email + scan_network
let print_twin = print_color%4
let print_full = print_color - print_twin
let copy_twin = copy_color%4
let copy_full = copy_color - copy_twin
let twin = print_twin + copy_twin
let full = print_full + copy_full
let large_full = full%8
let large_twin = twin%8
let large_mono = mono%8
let large_color = large_full + large_twin
let large = large_color + large_mono
let small = total - large
let large_print = printed%8
let small_print = printed - large_print

supply black total capacity 100 yield 38000 low 10
supply cyan color capacity 100 yield 26600 low 10
supply magenta color capacity 100 yield 26600 low 10
supply yellow color capacity 100 yield 26600 low 10
supply tray1 sheets capacity 500 yield 500 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "TOSHIBA e-STUDIO3525AC"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.1129.2.3.58.4
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "MFP{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "eth0" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.2.2.0 integer 2097152
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "TOSHIBA e-STUDIO3525AC" | 1.3.6.1.4.1.1129.2.3.58.4 | pick 5 if jam door black.empty / 3 if black.low cyan.low magenta.low yellow.low / 2 | =jam.count
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 2 2 if black.low cyan.low magenta.low yellow.low / 3 if black.empty cyan.empty magenta.empty yellow.empty / 4 if door / 5 if jam / 0 if tray1.low / 1 if tray1.empty

1.3.6.1.2.1.43.5.1.1.1.1 counter 5
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
1.3.6.1.2.1.43.5.1.1.5.1 string "Planted Service, planted.service@example.invalid"
1.3.6.1.2.1.43.5.1.1.16.1 string "TOSHIBA e-STUDIO3525AC"
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
1.3.6.1.2.1.43.5.1.1.18.1 counter =jam.count
1.3.6.1.2.1.43.5.1.1.19.1 counter =door.count
table 1.3.6.1.2.1.43.6.1.1 2 string, 3 integer
1.1 | "Front Cover" | pick 3 if door / 4
end
table 1.3.6.1.2.1.43.7.1.1 2 string, 3 string, 4 integer
1.1 | "zh" | "CN" | 2025
end
table 1.3.6.1.2.1.43.8.2.1 2 integer, 3 integer, 4 integer, 5 integer, 8 integer, 9 integer, 10 integer, 11 integer, 12 string, 13 string, 18 string
1.1 | 3 | 4 | 297000 | 210000 | 8 | 500 | =tray1.left | pick 9 if tray1.empty / 0 | "iso-a4-white" | "Tray 1" | "Tray 1"
1.2 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "iso-a4-white" | "MP Tray" | "Multi purpose tray"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Standard Bin" | "Standard output bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =total | =since_boot | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 3 | "Toner Black" | 19 | 100 | =black.left
1.2 | 1 | 2 | 3 | 3 | "Toner Cyan" | 19 | 100 | =cyan.left
1.3 | 1 | 3 | 3 | 3 | "Toner Magenta" | 19 | 100 | =magenta.left
1.4 | 1 | 4 | 3 | 3 | "Toner Yellow" | 19 | 100 | =yellow.left
1.5 | 1 | 0 | 4 | 4 | "Waste Toner Box" | 19 | -2 | -3
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
1.2 | 1 | 3 | "cyan" | 256
1.3 | 1 | 3 | "magenta" | 256
1.4 | 1 | 3 | "yellow" | 256
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 2100 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
end
table 1.3.6.1.2.1.43.14.1.1 2 integer, 3 string, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 string
1.1 | 11 | "1.0" | 1 | 1 | 4 | 1 | 0 | "Port=9100"
1.2 | 8 | "RFC1179" | 1 | 1 | 4 | 1 | 0 | "QueueName=lp"
1.3 | 44 | "2.0" | 1 | 1 | 4 | 1 | 0 | "URI=/ipp/print"
end
table 1.3.6.1.2.1.43.15.1.1 2 integer, 3 string, 5 string, 6 string
1.1 | 47 | "2.1" | "PCL XL" | "3.0"
1.2 | 6 | "3" | "PostScript 3" | "3019.1"
1.3 | 54 | "1.7" | "PDF" | "1.7"
end
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "\xbf\xa8\xd6\xbd" if jam / "\xc7\xb0\xb8\xc7\xb4\xf2\xbf\xaa" if door / "Printing" if printing / "Sleep" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 when black.low | 5 | 3 | 11 | 1 | 0 | 1104 | "\xcc\xbc\xb7\xdb\xb2\xbb\xd7\xe3 Black" | 0
1.2 when cyan.low | 5 | 3 | 11 | 2 | 0 | 1104 | "\xcc\xbc\xb7\xdb\xb2\xbb\xd7\xe3 Cyan" | 0
1.3 when magenta.low | 5 | 3 | 11 | 3 | 0 | 1104 | "\xcc\xbc\xb7\xdb\xb2\xbb\xd7\xe3 Magenta" | 0
1.4 when yellow.low | 5 | 3 | 11 | 4 | 0 | 1104 | "\xcc\xbc\xb7\xdb\xb2\xbb\xd7\xe3 Yellow" | 0
1.5 when tray1.empty | 5 | 3 | 8 | 1 | 0 | 808 | "\xd6\xbd\xba\xd0\xc8\xb1\xd6\xbd" | 0
1.6 when jam | 3 | 3 | 13 | 1 | 0 | 8 | "\xbf\xa8\xd6\xbd" | raised
1.7 when door | 3 | 3 | 6 | 1 | 0 | 3 | "\xc7\xb0\xb8\xc7\xb4\xf2\xbf\xaa" | raised
1.13 when sleeping | 1 | 7 | 5 | -1 | -1 | 23 | "\xcb\xaf\xc3\xdf\xc4\xa3\xca\xbd" | 0
end

table 1.3.6.1.2.1.43.30.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 9 integer, 10 string
1.1 | 16 | 3 | 8 | 1000 | -3 | 0 | "Stacker"
1.2 | 3 | 3 | 18 | 5000 | -3 | 0 | "Stapler"
end

root T 1.3.6.1.4.1.1129
$T.1.2.1.1.1.1.1.0 string "TOSHIBA e-STUDIO3525AC"
$T.1.2.1.1.1.1.2.0 string "T430HD0W1234"
$T.1.2.1.1.1.2.1.0 string "e-STUDIO3525AC"
$T.1.2.1.1.1.5.0 string "B2.10"
# Sides by function or size (2 all, 3 print, 4 copy, 7 fax, 207 large, 208 small, 209 and 210 of print) and
# colour (1 full, 2 twin, 3 black, 4 all).
table $T.2.3.50.1.3.21.6 1 counter
2.1.1 | =full
2.1.2 | =twin
2.1.3 | =mono
2.1.4 | =total
3.1.1 | =print_full
3.1.2 | =print_twin
3.1.3 | =print_mono
3.1.4 | =printed
4.1.1 | =copy_full
4.1.2 | =copy_twin
4.1.3 | =copy_mono
4.1.4 | =copied
7.1.1 | 0
7.1.2 | 0
7.1.3 | =fax_mono
7.1.4 | =fax_mono
207.1.1 | =large_full
207.1.2 | =large_twin
207.1.3 | =large_mono
207.1.4 | =large
208.1.4 | =small
209.1.4 | =large_print
210.1.4 | =small_print
end

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Toshiba TEC" | "e-STUDIO3525AC" | "{serial}"
end
truth firmware name, version
"main" | "T430HD0W1234"
"boot" | "B2.10"
end
truth meters name, unit, value, oid
marker_life | impressions | =total | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
impressions_total | impressions | =total | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.2.1.4"
impressions_mono | impressions | =mono | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.2.1.3"
"vendor:All full color" | impressions | =full | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.2.1.1"
"vendor:All twin color" | impressions | =twin | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.2.1.2"
impressions_color | impressions | =color | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.2.1.1 1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.2.1.2"
print_impressions_total | impressions | =printed | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.3.1.4"
print_impressions_mono | impressions | =print_mono | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.3.1.3"
"vendor:Print full color" | impressions | =print_full | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.3.1.1"
"vendor:Print twin color" | impressions | =print_twin | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.3.1.2"
print_impressions_color | impressions | =print_color | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.3.1.1 1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.3.1.2"
copy_impressions_total | impressions | =copied | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.4.1.4"
copy_impressions_mono | impressions | =copy_mono | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.4.1.3"
"vendor:Copy full color" | impressions | =copy_full | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.4.1.1"
"vendor:Copy twin color" | impressions | =copy_twin | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.4.1.2"
copy_impressions_color | impressions | =copy_color | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.4.1.1 1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.4.1.2"
fax_impressions_total | impressions | =fax_mono | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.7.1.4"
fax_impressions_mono | impressions | =fax_mono | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.7.1.3"
"vendor:Fax full color" | impressions | 0 | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.7.1.1"
"vendor:Fax twin color" | impressions | 0 | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.7.1.2"
fax_impressions_color | impressions | 0 | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.7.1.1 1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.7.1.2"
large_impressions_total | impressions | =large | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.207.1.4"
large_impressions_mono | impressions | =large_mono | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.207.1.3"
"vendor:Large full color" | impressions | =large_full | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.207.1.1"
"vendor:Large twin color" | impressions | =large_twin | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.207.1.2"
large_impressions_color | impressions | =large_color | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.207.1.1 1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.207.1.2"
"vendor:Small" | impressions | =small | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.208.1.4"
"vendor:Large print" | impressions | =large_print | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.209.1.4"
"vendor:Small print" | impressions | =small_print | "1.3.6.1.4.1.1129.2.3.50.1.3.21.6.1.210.1.4"
end
truth supplies index, type, class, colorant, description, part, serial, unit, max, value
"1.1" | toner | consumed | black | "Toner Black" | "" | "" | percent | 100 | =black.left
"1.2" | toner | consumed | cyan | "Toner Cyan" | "" | "" | percent | 100 | =cyan.left
"1.3" | toner | consumed | magenta | "Toner Magenta" | "" | "" | percent | 100 | =magenta.left
"1.4" | toner | consumed | yellow | "Toner Yellow" | "" | "" | percent | 100 | =yellow.left
"1.5" | waste_toner | receptacle | "" | "Waste Toner Box" | "" | "" | percent | -2 | -3
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.1" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "碳粉不足 Black"
when cyan.low | "1.2" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "碳粉不足 Cyan"
when magenta.low | "1.3" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "碳粉不足 Magenta"
when yellow.low | "1.4" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "碳粉不足 Yellow"
when tray1.empty | "1.5" | warning | warning_binary_change_event | untrained | input | input_media_supply_empty | 808 | "" | "纸盒缺纸"
when jam | "1.6" | fault | critical | untrained | media_path | jam | 8 | "" | "卡纸"
when door | "1.7" | fault | critical | untrained | cover | cover_open | 3 | "" | "前盖打开"
when sleeping | "1.13" | state | other | no_intervention_required | general_printer | subunit_power_saver | 23 | "" | "睡眠模式"
end
truth state printer, device, service_mode
pick "printing" if printing / "other" if jam door / "idle" | pick "down" if jam door black.empty / "warning" if black.low cyan.low magenta.low yellow.low / "running" | 0
end
truth errors name
when black.low | low_toner
when cyan.low | low_toner
when magenta.low | low_toner
when yellow.low | low_toner
when black.empty | no_toner
when cyan.empty | no_toner
when magenta.empty | no_toner
when yellow.empty | no_toner
when door | door_open
when jam | jammed
when tray1.low | low_paper
when tray1.empty | no_paper
end
truth trays index, name, description, level, max, unit, media
"1.1" | "Tray 1" | "Tray 1" | =tray1.left | 500 | sheets | "iso-a4-white"
"1.2" | "MP Tray" | "Multi purpose tray" | -3 | 100 | sheets | "iso-a4-white"
end
truth bins index, name, description, level, max, unit
"1.1" | "Standard Bin" | "Standard output bin" | -3 | 250 | sheets
end
truth covers index, description, status
"1.1" | "Front Cover" | pick "open" if door / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 2100 | impressions_per_hour
end
truth rated_speed mono
35
end
truth options kind, name, value
interpreter | "PCL XL" | "3.0"
interpreter | "PostScript 3" | "3019.1"
interpreter | "PDF" | "1.7"
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "2 GiB"
storage | "Hard Disk" | "150 GiB"
finisher | "Stacker" | ""
finisher | "Stapler" | ""
end
truth maintenance index, name, type, unit, life, left, used, percent, installed
end
