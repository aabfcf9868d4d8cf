# A colour multifunction printer in the shape of Lexmark's MPS devices. Its three page totals differ,
# as they do on real ones.
profile lexmark
serial "7529#####@@"
host "ET0021B7{n}"
oui 0021b7

rate print_mono 4.00
rate print_color 2.50
rate copy_mono 1.20
rate copy_color 0.50
rate fax_mono 0.20
rate fax_sent 0.10
rate scan_email 0.80
rate scan_network 0.40

let color = print_color + copy_color
let mono = print_mono + copy_mono + fax_mono
let total = color + mono
let duplex = total%30
let sheets = total - duplex
let picked = total + total%2
let picked_sheets = picked - duplex
let usb = print_color%3
let printed = print_mono + print_color
let print_duplex = printed%25
let copied = copy_mono + copy_color
let blank = total%4
let print_sheets = printed - print_duplex
let copy_sheets = copied%80
let modular = total%1
let highlight = color%50
let business = color%30
let graphics = color - highlight - business
let mono_a3 = mono%6
let mono_a4 = mono - mono_a3
let color_a3 = color%6
let color_a4 = color - color_a3
let large = mono_a3 + color_a3
let scan_flat = scan_email%20

supply black total capacity 18000 yield 18000 low 10
supply cyan color capacity 12000 yield 12000 low 10
supply magenta color capacity 12000 yield 12000 low 10
supply yellow color capacity 12000 yield 12000 low 10
supply imaging total capacity 125000 yield 125000 low 10
supply kit total capacity 85000 yield 85000 low 10
supply waste total capacity 25000 yield 25000 low 10
supply tray1 sheets capacity 550 yield 550 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "Lexmark XC4300 version CXTZJ.240.041 kernel 5.4.90-yocto-standard All-N-1"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.641.6.71107299
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "ET0021B7{n}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "eth0" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.2.2.0 integer 1048576
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "Lexmark XC4300 {serial} CXTZJ.240.041" | 1.3.6.1.4.1.641.6.71107299 | pick 5 if jam door black.empty / 3 if black.low cyan.low magenta.low yellow.low / 2 | =jam.count
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 2 2 if black.low cyan.low magenta.low yellow.low / 3 if black.empty cyan.empty magenta.empty yellow.empty / 4 if door / 5 if jam / 0 if tray1.low / 1 if tray1.empty

1.3.6.1.2.1.43.5.1.1.1.1 counter 5
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
1.3.6.1.2.1.43.5.1.1.16.1 string "Lexmark XC4300"
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
1.3.6.1.2.1.43.5.1.1.18.1 counter =jam.count
1.3.6.1.2.1.43.5.1.1.19.1 counter =door.count
table 1.3.6.1.2.1.43.6.1.1 2 string, 3 integer
1.1 | "Front Cover" | pick 3 if door / 4
end
table 1.3.6.1.2.1.43.7.1.1 2 string, 3 string, 4 integer
1.1 | "en" | "" | 106
end
table 1.3.6.1.2.1.43.8.2.1 2 integer, 3 integer, 4 integer, 5 integer, 8 integer, 9 integer, 10 integer, 11 integer, 12 string, 13 string, 18 string
1.1 | 3 | 4 | 297000 | 210000 | 8 | 550 | =tray1.left | pick 9 if tray1.empty / 0 | "iso-a4-white" | "Tray 1" | "Tray 1"
1.2 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "iso-a4-white" | "MP Tray" | "Multi purpose tray"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Standard Bin" | "Standard output bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =picked | =since_boot | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 21 | "Black Cartridge" | 7 | 18000 | =black.left
1.2 | 1 | 2 | 3 | 21 | "Cyan Cartridge" | 7 | 12000 | =cyan.left
1.3 | 1 | 3 | 3 | 21 | "Magenta Cartridge" | 7 | 12000 | =magenta.left
1.4 | 1 | 4 | 3 | 21 | "Yellow Cartridge" | 7 | 12000 | =yellow.left
1.5 | 1 | 0 | 3 | 1 | "Black Imaging Unit" | 7 | 125000 | =imaging.left
1.6 | 1 | 0 | 3 | 1 | "Maintenance Kit" | 7 | 85000 | =kit.left
1.7 | 1 | 0 | 4 | 4 | "Waste Toner Bottle" | 7 | 25000 | =waste.left
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
1.2 | 1 | 3 | "cyan" | 256
1.3 | 1 | 3 | "magenta" | 256
1.4 | 1 | 3 | "yellow" | 256
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 2400 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
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
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Paper Jam" if jam / "Cover Open" if door / "Printing" if printing / "Sleep" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 when black.low | 5 | 3 | 11 | 1 | -2 | 1104 | "Black Cartridge Low [88.xy]" | 0
1.2 when cyan.low | 5 | 3 | 11 | 2 | -2 | 1104 | "Cyan Cartridge Low [88.xy]" | 0
1.3 when magenta.low | 5 | 3 | 11 | 3 | -2 | 1104 | "Magenta Cartridge Low [88.xy]" | 0
1.4 when yellow.low | 5 | 3 | 11 | 4 | -2 | 1104 | "Yellow Cartridge Low [88.xy]" | 0
1.5 when tray1.empty | 5 | 3 | 8 | 1 | -2 | 808 | "Tray 1 empty" | 0
1.6 when jam | 3 | 3 | 13 | 1 | -2 | 8 | "Paper jam, [200.03]" | raised
1.7 when door | 3 | 3 | 6 | 1 | -2 | 3 | "Front cover open" | raised
end

table 1.3.6.1.2.1.43.30.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 9 integer, 10 string
1.1 | 16 | 3 | 8 | 1000 | -3 | 0 | "Stacker"
1.2 | 3 | 3 | 18 | 5000 | -3 | 0 | "Stapler"
end

1.3.6.1.4.1.2699.1.2.1.2.1.1.2.1 string "Lexmark XC4300"
1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1 string "MFG:Lexmark;CMD:PCL,PS;MDL:XC4300;CLS:PRINTER;"

root L 1.3.6.1.4.1.641
$L.2.1.2.1.3.1 string "XC4300"
$L.2.1.2.1.6.1 string "{serial}"
table $L.6.2.3.1 4 string, 5 string, 6 string, 7 string
1 | "XC4300" | "{serial}" | "1.07" | "\x07\xe8\x05\x02\x0a\x00\x00\x00"
end
table $L.6.3.1.1 2 integer, 6 string, 7 string, 8 string
1.1 | 0 | "" | "{serial}" | "Print Engine"
1.2 | 1 | "" | "" | "Wi-Fi N8450"
end
table $L.6.3.3.1 6 string, 7 string
1.1 | "Base" | "CXTZJ.240.041"
1.2 | "Engine" | "EN.10.022"
1.3 | "Panel" | "PN.03.110"
end
# Counters by type; the index is not the type.
table $L.6.4.1.1.1 2 integer, 4 counter
1.1 | 97 | =jam.count
1.2 | 98 | 2
1.3 | 101 | =door.count
end
table $L.6.4.2.1.1 2 integer, 3 integer, 4 counter
1.1 | 1 | 4 | =picked
1.2 | 2 | 4 | =total
1.3 | 1 | 5 | =picked_sheets
1.4 | 2 | 5 | =sheets
1.5 | 3 | 4 | =mono
1.6 | 4 | 4 | =color
1.7 | 6 | 4 | =usb
1.8 | 16 | 5 | =print_sheets
1.9 | 17 | 4 | =print_mono
1.10 | 18 | 4 | =print_color
1.11 | 32 | 5 | =copy_sheets
1.12 | 33 | 4 | =copy_mono
1.13 | 34 | 4 | =copy_color
1.14 | 49 | 4 | =fax_mono
1.15 | 64 | 4 | =blank
1.16 | 80 | 4 | =picked
1.17 | 81 | 4 | =modular
1.25 | 92 | 4 | =graphics
1.26 | 91 | 4 | =business
1.27 | 90 | 4 | =highlight
end
# By paper size (68 A4, 67 A3) and type.
table $L.6.4.2.2.1 2 integer, 3 integer, 4 counter, 5 counter
1.1 | 68 | 3 | =mono_a4 | =color_a4
1.2 | 67 | 3 | =mono_a3 | =color_a3
end
table $L.6.4.3.1.1 2 integer, 3 integer, 4 counter
1.1 | 257 | 68 | =scan_flat
1.2 | 4 | 68 | =scan_network
1.3 | 1 | 68 | =copied
1.4 | 3 | 68 | =scan_email
end
table $L.6.4.4.1.1 5 string, 6 string, 7 string, 10 string, 11 counter, 12 integer, 14 integer, 16 integer, 17 integer, 19 integer, 20 integer
1.1 | "Black Cartridge" | "{hA}" | "   24B7185" | "" | 100 | 1 | 18000 | =black.left | 0 | 5 | 120
1.2 | "Cyan Cartridge" | "{hB}" | "   24B7182" | "" | 100 | 1 | 12000 | =cyan.left | 0 | 5 | 120
1.3 | "Magenta Cartridge" | "{hC}" | "   24B7183" | "" | 100 | 1 | 12000 | =magenta.left | 0 | 5 | 120
1.4 | "Yellow Cartridge" | "{hD}" | "   24B7184" | "" | 100 | 1 | 12000 | =yellow.left | 0 | 5 | 120
end
table $L.6.5.1.1 4 integer, 5 integer, 6 string, 7 string, 8 ticks
1.1 when black.low | 3 | 88 | "88.00 Black cartridge low" | "" | 0
1.2 when jam | 2 | 200 | "200.03 Paper jam" | "" | raised
end

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Lexmark" | "XC4300" | "{serial}"
end
truth firmware name, version
"Base" | "CXTZJ.240.041"
"Engine" | "EN.10.022"
"Panel" | "PN.03.110"
end
truth meters name, unit, value, oid
marker_life | impressions | =picked | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
impressions_total | impressions | =picked | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.1"
sheets_total | sheets | =picked_sheets | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.3"
impressions_mono | impressions | =mono | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.5"
impressions_color | impressions | =color | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.6"
print_impressions_mono | impressions | =print_mono | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.9"
print_impressions_color | impressions | =print_color | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.10"
copy_impressions_mono | impressions | =copy_mono | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.12"
copy_impressions_color | impressions | =copy_color | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.13"
fax_impressions_mono | impressions | =fax_mono | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.14"
color_graphics | impressions | =graphics | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.25"
color_business | impressions | =business | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.26"
color_highlight | impressions | =highlight | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.27"
scan_images_email | - | =scan_email | "1.3.6.1.4.1.641.6.4.3.1.1.4.1.4"
scan_images_network | - | =scan_network | "1.3.6.1.4.1.641.6.4.3.1.1.4.1.2"
"vendor:Flatbed scans" | - | =scan_flat | "1.3.6.1.4.1.641.6.4.3.1.1.4.1.1"
"vendor:Copy scans" | - | =copied | "1.3.6.1.4.1.641.6.4.3.1.1.4.1.3"
"vendor:Safe impressions" | impressions | =total | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.2"
"vendor:Safe sheets" | sheets | =sheets | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.4"
"vendor:Blank sides" | impressions | =blank | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.15"
"vendor:Printer page count" | impressions | =picked | "1.3.6.1.4.1.641.6.4.2.1.1.4.1.16"
large_impressions_mono | impressions | =mono_a3 | "1.3.6.1.4.1.641.6.4.2.2.1.4.1.2"
large_impressions_color | impressions | =color_a3 | "1.3.6.1.4.1.641.6.4.2.2.1.5.1.2"
large_impressions_total | impressions | =large | "1.3.6.1.4.1.641.6.4.2.2.1.4.1.2 1.3.6.1.4.1.641.6.4.2.2.1.5.1.2"
end
truth supplies index, type, class, colorant, description, part, serial, unit, max, value, kind
"1.1" | toner_cartridge | consumed | black | "Black Cartridge" | "24B7185" | "{hA}" | impressions | 18000 | =black.left | -
"1.2" | toner_cartridge | consumed | cyan | "Cyan Cartridge" | "24B7182" | "{hB}" | impressions | 12000 | =cyan.left | -
"1.3" | toner_cartridge | consumed | magenta | "Magenta Cartridge" | "24B7183" | "{hC}" | impressions | 12000 | =magenta.left | -
"1.4" | toner_cartridge | consumed | yellow | "Yellow Cartridge" | "24B7184" | "{hD}" | impressions | 12000 | =yellow.left | -
"1.5" | other | consumed | black | "Black Imaging Unit" | "" | "" | impressions | 125000 | =imaging.left | -
"1.6" | other | consumed | "" | "Maintenance Kit" | "" | "" | impressions | 85000 | =kit.left | -
"1.7" | waste_toner | receptacle | "" | "Waste Toner Bottle" | "" | "" | impressions | 25000 | =waste.left | direction_unknown
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.1" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Black Cartridge Low [88.xy]"
when cyan.low | "1.2" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Cyan Cartridge Low [88.xy]"
when magenta.low | "1.3" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Magenta Cartridge Low [88.xy]"
when yellow.low | "1.4" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Yellow Cartridge Low [88.xy]"
when tray1.empty | "1.5" | warning | warning_binary_change_event | untrained | input | input_media_supply_empty | 808 | "" | "Tray 1 empty"
when jam | "1.6" | fault | critical | untrained | media_path | jam | 8 | "" | "Paper jam, [200.03]"
when door | "1.7" | fault | critical | untrained | cover | cover_open | 3 | "" | "Front cover open"
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
"1.1" | "Tray 1" | "Tray 1" | =tray1.left | 550 | sheets | "iso-a4-white"
"1.2" | "MP Tray" | "Multi purpose tray" | -3 | 100 | sheets | "iso-a4-white"
end
truth bins index, name, description, level, max, unit
"1.1" | "Standard Bin" | "Standard output bin" | -3 | 250 | sheets
end
truth covers index, description, status
"1.1" | "Front Cover" | pick "open" if door / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 2400 | impressions_per_hour
end
truth rated_speed mono
40
end
truth options kind, name, value
interpreter | "PCL XL" | "3.0"
interpreter | "PostScript 3" | "3019.1"
interpreter | "PDF" | "1.7"
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "1 GiB"
storage | "Hard Disk" | "150 GiB"
finisher | "Stacker" | ""
finisher | "Stapler" | ""
module | "Print Engine" | ""
module | "Wi-Fi N8450" | ""
end
truth maintenance index, name, type, unit, life, left, used, percent, installed
"1.5" | "Black Imaging Unit" | other | impressions | 125000 | =imaging.left | - | - | ""
"1.6" | "Maintenance Kit" | other | impressions | 85000 | =kit.left | - | - | ""
end
