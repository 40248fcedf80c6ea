var builder = WebApplication.CreateBuilder(args);

// The project's address and key are read from SUPABASE_URL and SUPABASE_ANON_KEY.
builder.Services.AddSupabaseAuthentication();
builder.Services.AddSessionRecovery().UseSupabase();

var app = builder.Build();
app.MapSessionRecovery();
app.Run();
