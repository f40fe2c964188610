"""Colours and fonts of the chart, for light and dark pages; blue and orange by Okabe and Ito."""

from typing import Final

_SANS: Final = (
    'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif'
)
_MONO: Final = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'

# Rules are repeated for dark pages, because not every renderer supports CSS variables.
STYLE: Final = f"""
text{{font-family:{_SANS};fill:#1f2733}}
.card{{fill:#ffffff;stroke:#dde2ea}}
.heading{{font-size:17px;font-weight:600}}
.eyebrow{{font-size:10.5px;font-weight:600;letter-spacing:.09em;fill:#7a8494}}
.request{{font-size:14px;font-weight:600}}
.figures,.key{{font-size:12px;fill:#5b6675}}
.scale{{font-size:11px;fill:#7a8494}}
.scale.at-threshold{{fill:#b84a00}}
.token{{font-family:{_MONO};fill:#3c4656;white-space:pre}}
.token.overridden{{font-weight:700;fill:#b84a00}}
.token.end{{fill:#a3acb9}}
.discarded{{font-family:{_MONO};fill:#8a94a3;text-decoration:line-through}}
.token .discarded{{font-weight:400}}
.baseline{{stroke:#c6cdd8;stroke-width:1}}
.rule{{stroke:#e8ecf1;stroke-width:1}}
.threshold{{stroke:#d55e00;stroke-width:1.2;stroke-dasharray:5 4;opacity:.75}}
.zone{{fill:#d55e00;opacity:.045}}
.current{{fill:#8793a6;opacity:.20}}
.drive{{fill:#0072b2;opacity:.26}}
.trace{{fill:none;stroke:#0072b2;stroke-linejoin:round;stroke-linecap:round}}
.area{{fill:url(#ngsd-potential)}}
.fade-from{{stop-color:#0072b2;stop-opacity:.30}}
.fade-to{{stop-color:#0072b2;stop-opacity:.03}}
.spike{{stroke:#d55e00;stroke-linecap:round}}
.peak{{fill:#d55e00;stroke:#ffffff;stroke-width:1.2}}
@media (prefers-color-scheme:dark){{
text{{fill:#e6eaf0}}
.card{{fill:#11161d;stroke:#2b333f}}
.eyebrow,.scale{{fill:#8c97a8}}
.figures,.key{{fill:#a4aebd}}
.token{{fill:#c3cad5}}
.scale.at-threshold,.token.overridden{{fill:#ff9d5c}}
.discarded,.token.end{{fill:#7f8a9a}}
.baseline{{stroke:#3a4452}}
.rule{{stroke:#222a34}}
.threshold,.spike{{stroke:#ff8a3d}}
.zone{{fill:#ff8a3d}}
.current{{fill:#a9b5c6}}
.drive{{fill:#56b4e9;opacity:.30}}
.trace{{stroke:#56b4e9}}
.fade-from,.fade-to{{stop-color:#56b4e9}}
.peak{{fill:#ff8a3d;stroke:#11161d}}
}}
"""
