using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>
/// Lets what the framework's handler logs about tokens go by the handler's own name, so that the level of <c>Microsoft.AspNetCore</c> holds
/// for it as in any other host.
/// </summary>
internal sealed class JwtBearerLoggers(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => inner.CreateLogger<JwtBearerHandler>();

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The inner one is the host's.
    }
}
