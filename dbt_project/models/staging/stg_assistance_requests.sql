{{ staged('assistance_requests') }}
