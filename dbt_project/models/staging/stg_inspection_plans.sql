{{ staged('inspection_plans') }}
