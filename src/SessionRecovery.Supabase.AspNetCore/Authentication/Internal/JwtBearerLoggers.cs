using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging;

namespace SessionRecovery.Supabase.AspNetCore.Authentication.Internal;

/// <summary>
/// Creates loggers with the log category of the bearer handler of ASP.NET Core. A log level that the host sets for
/// <c>Microsoft.AspNetCore</c> therefore applies to this package's bearer handler as well.
/// </summary>
internal sealed class JwtBearerLoggers(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => inner.CreateLogger<JwtBearerHandler>();

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose()
    {
        // The inner logger factory is not disposed here, because the host disposes it.
    }
}
